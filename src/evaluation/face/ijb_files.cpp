#include "src/evaluation/face/ijb_files.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/evaluation/face/list_reader.h"

namespace winnow {
namespace {

/// A line's numbers and words without a vector of strings: the pair list has 15.7 million lines.
class LineScanner {
 public:
  LineScanner(std::string_view text, const std::string& name) : text_(text), name_(name) {}
  bool next_line() {
    while (at_ < text_.size()) {
      const size_t end = text_.find('\n', at_);
      line_ = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
      ++number_;
      if (line_.ends_with('\r')) line_.remove_suffix(1);
      if (!trim(line_).empty()) return true;
    }
    return false;
  }
  std::string_view word(char also = ' ') {
    while (!line_.empty() && is_gap(line_.front(), also)) line_.remove_prefix(1);
    size_t end = 0;
    while (end < line_.size() && !is_gap(line_[end], also)) ++end;
    const auto out = line_.substr(0, end);
    line_.remove_prefix(end);
    return out;
  }
  template <typename T>
  T number(const char* what, char also = ' ') {
    const auto text = word(also);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
      fail(std::string(what) + " is required, got '" + std::string(text.substr(0, 40)) + "'");
    return value;
  }
  void end() {
    if (!trim(line_).empty()) fail("nothing more is expected, got '" + std::string(line_.substr(0, 40)) + "'");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kData, "[ijb] " + name_ + ":" + std::to_string(number_) + ": " + shown(what, 300));
  }

 private:
  static bool is_gap(char c, char also) { return c == ' ' || c == '\t' || c == also; }
  std::string_view text_, line_;
  std::string name_;
  size_t at_ = 0;
  int64_t number_ = 0;
};

}  // namespace

IjbFaces parse_ijb_faces(std::string_view tid_mid, const std::string& tid_mid_name, std::string_view points,
                         const std::string& points_name) {
  IjbFaces out;
  std::unordered_map<std::string, int64_t> row;
  LineScanner faces(points, points_name);
  while (faces.next_line()) {
    const std::string name(faces.word());
    std::array<float, 10> marks{};
    for (float& v : marks) v = faces.number<float>("a landmark coordinate");
    const auto score = faces.number<float>("a detector score");
    faces.end();
    for (const float v : marks)
      if (!std::isfinite(v) || !std::isfinite(score)) faces.fail("finite numbers are required");
    if (!row.emplace(name, static_cast<int64_t>(out.names.size())).second) faces.fail("'" + name + "' occurs twice");
    out.names.push_back(name);
    out.landmarks.push_back(marks);
    out.score.push_back(score);
  }
  LineScanner templates(tid_mid, tid_mid_name);
  while (templates.next_line()) {
    const std::string name(templates.word());
    const auto at = row.find(name);
    if (at == row.end()) templates.fail("'" + name + "' is not in " + points_name);
    const auto id = templates.number<int64_t>("a template id"), media = templates.number<int64_t>("a media id");
    templates.end();
    out.faces.push_back({at->second, id, media});
  }
  if (out.faces.empty()) throw Error(ErrorCode::kData, "[ijb] " + tid_mid_name + ": faces of templates are required");
  return out;
}

IjbFaces read_ijb_faces(const fs::path& folder, const std::string& prefix) {
  const fs::path tid_mid = folder / (prefix + "_face_tid_mid.txt"), points = folder / (prefix + "_name_5pts_score.txt");
  return parse_ijb_faces(read_file(tid_mid), tid_mid.string(), read_file(points), points.string());
}

std::vector<TemplatePair> parse_template_pairs(std::string_view text, const std::string& name) {
  std::vector<TemplatePair> out;
  LineScanner lines(text, name);
  while (lines.next_line()) {
    const auto a = lines.number<int64_t>("a template id"), b = lines.number<int64_t>("a template id");
    const auto label = lines.number<int64_t>("label 0 or 1");
    lines.end();
    if (label != 0 && label != 1) lines.fail("label 0 or 1 is required");
    out.push_back({a, b, label == 1});
  }
  return out;
}

std::vector<TemplatePair> read_template_pairs(const fs::path& file) {
  const MappedFile mapped(file);  // the text alone is 300 MB in IJB-C
  const auto bytes = mapped.bytes();
  return parse_template_pairs({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
}

std::map<int64_t, int64_t> parse_template_subjects(std::string_view text, const std::string& name) {
  std::map<int64_t, int64_t> out;
  LineScanner lines(text, name);
  lines.next_line();  // header
  while (lines.next_line()) {
    const auto id = lines.number<int64_t>("a template id", ','), subject = lines.number<int64_t>("a subject id", ',');
    const auto [at, fresh] = out.emplace(id, subject);
    if (!fresh && at->second != subject)
      lines.fail("template " + std::to_string(id) + " belongs to subject " + std::to_string(at->second) +
                 " above, here to " + std::to_string(subject));
  }
  if (out.empty()) throw Error(ErrorCode::kData, "[ijb] " + name + ": templates below a header row are required");
  return out;
}

std::map<int64_t, int64_t> read_template_subjects(const fs::path& file) {
  return parse_template_subjects(read_file(file), file.string());
}

}  // namespace winnow
