#include "data/landmarks.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr std::string_view kSuffix = "_5loc_attri.txt";

[[noreturn]] void refuse(const std::string& name, int64_t line, const std::string& what) {
  throw Error(ErrorCode::kData, "[landmarks] " + name + ":" + std::to_string(line) + ": " + what);
}

std::vector<std::string> fields_of(std::string line) {
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == ',' || c == '\t' || c == '\r'; }, ' ');
  auto fields = split(line, ' ');
  std::erase(fields, "");
  return fields;
}

std::vector<Point> points_of(const std::vector<std::string>& fields, size_t first, size_t count,
                             const std::string& name, int64_t line) {
  std::vector<Point> out;
  for (size_t i = first; i + 1 < first + 2 * count; i += 2) {
    const auto x = parse_double(fields[i]), y = parse_double(fields[i + 1]);
    if (!x || !y)
      refuse(name, line, "finite numbers are required, got '" + fields[i] + "' and '" + fields[i + 1] + "'");
    out.push_back({*x, *y});
  }
  return out;
}

FacePoints first_five(const std::vector<Point>& points) {
  FacePoints out;
  std::copy_n(points.begin(), 5, out.begin());
  return out;
}

FacePoints read_five_lines(const fs::path& file) {
  std::vector<std::string> numbers;
  for (const auto& line : split(read_file(file, 1 << 16), '\n'))
    for (const auto& field : fields_of(line))
      if (numbers.size() < 10) numbers.push_back(field);  // attributes may follow
  if (numbers.size() != 10) refuse(file.string(), 1, "five lines 'x y' are required");
  return first_five(points_of(numbers, 0, 5, file.string(), 1));
}

Landmarks read_folder(const fs::path& folder) {
  Landmarks out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).generic_string();
    if (!name.ends_with(kSuffix)) continue;
    out.emplace(name.substr(0, name.size() - kSuffix.size()) + ".jpg", read_five_lines(entry.path()));
  }
  if (out.empty())
    throw Error(ErrorCode::kNotFound,
                "[landmarks] " + folder.string() + ": files NAME" + std::string(kSuffix) + " are required");
  return out;
}

}  // namespace

Landmarks parse_landmarks(std::string_view text, const std::string& name) {
  Landmarks out;
  int64_t number = 0;
  for (const auto& line : split(text, '\n')) {
    ++number;
    const auto fields = fields_of(line);
    if (fields.empty() || (number == 1 && (fields[0] == "path" || fields[0] == "name"))) continue;
    const size_t count = fields.size() - 1;
    if (count != 10 && count != 11 && count != 136)
      refuse(name, number,
             "a path and 10 (or 11 with a score) or 136 numbers are required, got " + std::to_string(count));
    const auto points = points_of(fields, 1, count == 136 ? 68 : 5, name, number);
    if (!out.emplace(fields[0], count == 136 ? five_of_68(points) : first_five(points)).second)
      refuse(name, number, "'" + fields[0] + "' occurs twice");
  }
  if (out.empty()) throw Error(ErrorCode::kData, "[landmarks] " + name + ": landmarks are required, got none");
  return out;
}

Landmarks read_landmarks(const fs::path& file_or_folder) {
  if (fs::is_directory(file_or_folder)) return read_folder(file_or_folder);
  return parse_landmarks(read_file(file_or_folder), file_or_folder.string());
}

}  // namespace winnow
