#include "src/config/scalars.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "src/core/text.h"

namespace winnow::config {
namespace {

std::string range_of(bool has_low, bool has_high, const std::string& low, const std::string& high) {
  if (has_low && has_high) return low + ".." + high;
  if (has_low) return ">= " + low;
  return has_high ? "<= " + high : "";
}

std::string shortest(double value) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

bool plain_is_safe(const std::string& value) {
  if (value.empty()) return false;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
    const bool later = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == '=' || c == '@' || c == '%';
    if (!word && !(later && i > 0)) return false;
  }
  static const std::vector<std::string> kWords = {"true", "false", "yes", "no",   "on",  "off",
                                                  "null", "y",     "n",   "none", "nan", "inf"};
  for (const auto& word : kWords)
    if (lower(value) == word) return false;
  return true;
}

}  // namespace

std::optional<int64_t> integer_of(const Node& node) {
  if (node.kind != Node::Kind::kScalar || node.quoted) return {};
  std::string_view digits = node.scalar;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (digits.size() > 1 && digits[0] == '0') return {};
  return parse_int(node.scalar);
}

std::optional<double> number_of(const Node& node) {
  if (node.kind != Node::Kind::kScalar || node.quoted) return {};
  return parse_double(node.scalar);
}

bool looks_non_finite(const Node& node) {
  if (node.kind != Node::Kind::kScalar || node.quoted) return false;
  std::string word = lower(node.scalar);
  word.erase(0, word.find_first_not_of("+-."));
  return word == "nan" || word == "inf" || word == "infinity";
}

std::string range_text(double low, double high) {
  constexpr double most = std::numeric_limits<double>::max();
  return range_of(low > -most, high < most, shortest(low), shortest(high));
}

std::string range_text(int64_t low, int64_t high) {
  using Limits = std::numeric_limits<int64_t>;
  return range_of(low != Limits::min(), high != Limits::max(), std::to_string(low), std::to_string(high));
}

std::string yaml_number(double value) {
  std::string text = shortest(value);
  if (!std::isfinite(value) || text.find('.') != std::string::npos) return text;
  const size_t exponent = text.find('e');
  return text.insert(exponent == std::string::npos ? text.size() : exponent, ".0");
}

std::string yaml_text(const std::string& value) {
  if (plain_is_safe(value)) return value;
  std::string out = "\"";
  for (const char c : to_valid_utf8(value)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      static const char digits[] = "0123456789abcdef";
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string yaml_list(const std::vector<double>& values) {
  std::vector<std::string> scalars(values.size());
  std::transform(values.begin(), values.end(), scalars.begin(), yaml_number);
  return "[" + join(scalars, ", ") + "]";
}

std::string yaml_list(const std::vector<std::string>& values) {
  std::vector<std::string> scalars(values.size());
  std::transform(values.begin(), values.end(), scalars.begin(), yaml_text);
  return "[" + join(scalars, ", ") + "]";
}

}  // namespace winnow::config
