#include "src/evaluation/face/list_reader.h"

namespace winnow {

std::vector<TextLine> text_lines(std::string_view text, const std::string& source, char separator) {
  std::vector<TextLine> out;
  const auto shared = std::make_shared<const std::string>(source);
  int64_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    TextLine made{shared, number, {}};
    if (line.find('\0') != std::string_view::npos) made.fail("a text list is required, this line has a NUL byte");
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) continue;
    const char cut = separator != '\0' ? separator : (line.find('\t') != std::string_view::npos ? '\t' : ' ');
    for (auto& field : split(line, cut))
      if (cut != ' ' || !field.empty()) made.fields.emplace_back(trim(field));
    out.push_back(std::move(made));
  }
  return out;
}

}  // namespace winnow
