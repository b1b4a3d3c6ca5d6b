#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Number of single-character edits (insert, delete, replace, swap of neighbours) between two words.
int edit_distance(std::string_view a, std::string_view b);

/// The known word closest to `word`, if it is close enough to be a slip (distance <= max(1, length / 3)).
std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string> known);

/// "1.5 MiB"; binary units.
std::string format_bytes(uint64_t bytes);
/// "16G", "512M", "1.5GiB", "1000" -> bytes. @throws Error(kUsage)
uint64_t parse_bytes(std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string lower(std::string_view text);

/// Whole-string number parsing; empty result when anything is left over or the value is not finite.
std::optional<double> parse_double(std::string_view text);
std::optional<int64_t> parse_int(std::string_view text);

/// Text safe to print and to put in JSON: bytes that are not valid UTF-8 become U+FFFD.
std::string to_valid_utf8(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);
/// Number of bytes before the first that is not valid UTF-8.
size_t valid_utf8_prefix(std::string_view bytes);

/// HTML text and attribute escaping.
std::string escape_html(std::string_view text);

}  // namespace winnow
