#include "src/core/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/shown.h"

namespace winnow {
namespace {

template <typename Json>
std::string write(const fs::path& file, const Json& value) {
  return write_file_atomically(file, value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

/// The library's "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." without its
/// prefix, since the place stands before the message.
std::string plain_reason(std::string_view what) {
  const size_t at = what.find(": ");
  return shown(at == std::string_view::npos ? what : what.substr(at + 2), 300);
}

}  // namespace

nlohmann::json read_json(const fs::path& file, uint64_t max_bytes) {
  return parse_json(read_file(file, max_bytes), file.string());
}

nlohmann::json parse_json(std::string_view text, const std::string& source) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    // The byte is one-based and may point one past the end.
    const std::string_view before = text.substr(0, std::min(text.size(), e.byte > 0 ? e.byte - 1 : 0));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    throw Error(ErrorCode::kData, source + ":" + std::to_string(line) + ":" +
                                      std::to_string(before.size() - start + 1) + ": " + plain_reason(e.what()));
  } catch (const nlohmann::json::exception& e) {  // a number out of range has no place
    throw Error(ErrorCode::kData, source + ": " + plain_reason(e.what()));
  }
}

std::string write_json_atomically(const fs::path& file, const nlohmann::json& value) { return write(file, value); }

std::string write_json_atomically(const fs::path& file, const nlohmann::ordered_json& value) {
  return write(file, value);
}

}  // namespace winnow
