#include "src/labels/decisions.h"

#include <map>
#include <optional>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

const std::map<std::string, Verdict, std::less<>>& verdicts() {
  static const std::map<std::string, Verdict, std::less<>> names = {
      {"keep", Verdict::kKeep}, {"relabel", Verdict::kRelabel}, {"drop", Verdict::kDrop}, {"unsure", Verdict::kUnsure}};
  return names;
}

class Reader {
 public:
  Reader(const Csv& csv, double auto_above, bool labels_needed)
      : csv_(csv), auto_above_(auto_above), labels_needed_(labels_needed) {
    row_ = csv.require_column("row");
    path_ = csv.column("path");
    decision_ = csv.column("decision");
    if (decision_ >= 0) {
      label_ = csv.column("new_label") >= 0   ? csv.column("new_label")
               : csv.column("suggested") >= 0 ? csv.column("suggested")
                                              : csv.column("label");
      return;
    }
    if (auto_above <= 0) csv.require_column("decision");
    label_ = csv.require_column("suggested");
    confidence_ = csv.require_column("confidence");
  }

  Decision read(size_t at) const {
    const auto& fields = csv_.rows[at];
    Decision out;
    out.line = csv_.lines[at];
    const auto row = parse_int(fields[static_cast<size_t>(row_)]);
    if (!row || *row < 0) fail(out.line, "a row number is required, got '" + fields[static_cast<size_t>(row_)] + "'");
    out.row = *row;
    if (path_ >= 0) out.path = fields[static_cast<size_t>(path_)];
    if (label_ >= 0) out.label = fields[static_cast<size_t>(label_)];
    out.verdict = decision_ >= 0 ? verdict(fields, out.line) : automatic(fields, out.line);
    if (labels_needed_ && out.verdict == Verdict::kRelabel && out.label.empty())
      fail(out.line, "a relabelled row needs a label");
    return out;
  }

  [[noreturn]] void fail(int64_t line, const std::string& what) const {
    throw Error(ErrorCode::kData, csv_.source + ":" + std::to_string(line) + ": " + what);
  }

 private:
  Verdict verdict(const std::vector<std::string>& fields, int64_t line) const {
    const std::string word = lower(trim(fields[static_cast<size_t>(decision_)]));
    const auto at = verdicts().find(word);
    if (at == verdicts().end()) fail(line, "the decision must be keep, relabel, drop or unsure, got '" + word + "'");
    return at->second;
  }
  Verdict automatic(const std::vector<std::string>& fields, int64_t line) const {
    const auto value = parse_double(fields[static_cast<size_t>(confidence_)]);
    if (!value) fail(line, "a confidence in 0..1 is required, got '" + fields[static_cast<size_t>(confidence_)] + "'");
    return *value >= auto_above_ && !fields[static_cast<size_t>(label_)].empty() ? Verdict::kRelabel : Verdict::kKeep;
  }

  const Csv& csv_;
  double auto_above_;
  bool labels_needed_;
  int row_ = -1, path_ = -1, decision_ = -1, label_ = -1, confidence_ = -1;
};

}  // namespace

std::vector<Decision> read_decisions(const fs::path& file, double auto_above, bool labels_needed) {
  const Csv csv = read_csv(file);
  const Reader reader(csv, auto_above, labels_needed);
  std::vector<Decision> out;
  std::map<int64_t, int64_t> lines;
  for (size_t at = 0; at < csv.rows.size(); ++at) {
    out.push_back(reader.read(at));
    const auto [first, added] = lines.try_emplace(out.back().row, out.back().line);
    if (!added)
      reader.fail(out.back().line, "row " + std::to_string(out.back().row) + " is decided twice, first in line " +
                                       std::to_string(first->second));
  }
  return out;
}

}  // namespace winnow
