#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "src/core/files.h"

namespace winnow {

/// Reads a JSON file. @throws Error(kNotFound), Error(kData) `file:line:column: message` for a syntax error or a file
/// larger than max_bytes
nlohmann::json read_json(const fs::path& file, uint64_t max_bytes = uint64_t{256} << 20);
/// @param source  file name for messages
nlohmann::json parse_json(std::string_view text, const std::string& source);

/// Two-space indented JSON with a trailing LF through AtomicFile; text that is not UTF-8 gets U+FFFD. @return SHA-256
std::string write_json_atomically(const fs::path& file, const nlohmann::json& value);
/// The same with keys in the order of insertion.
std::string write_json_atomically(const fs::path& file, const nlohmann::ordered_json& value);

}  // namespace winnow
