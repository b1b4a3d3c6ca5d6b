#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/core/error.h"

namespace winnow {

// What csv.cpp and csv_stream.cpp share.

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The rows of a text, or of a part of one that begins at line `line`. `source` must outlive it. Not thread-safe.
class CsvParser {
 public:
  CsvParser(std::string_view text, const std::string& source, int64_t line = 1)
      : text_(text), source_(source), line_(line) {
    if (line == 1 && text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ = kByteOrderMark.size();
  }

  /// Reads the next row that is not empty. @return false at the end
  bool row(std::vector<std::string>& fields, int64_t& line) {
    while (at_line_break()) skip_line_break();
    if (at_ >= text_.size()) return false;
    line = line_;
    fields.clear();
    while (true) {
      fields.push_back(text_[at_] == '"' ? quoted() : plain());
      if (at_ >= text_.size()) return true;
      if (at_line_break()) {
        skip_line_break();
        return true;
      }
      ++at_;  // the comma
      if (at_ >= text_.size()) {
        fields.emplace_back();
        return true;
      }
    }
  }

  int64_t line() const { return line_; }  ///< of what follows
  /// @throws Error(kData) unless the row is as wide as the header
  void check_width(const std::vector<std::string>& fields, size_t columns, int64_t line) const {
    if (fields.size() != columns)
      fail(line, "expected " + std::to_string(columns) + " fields, got " + std::to_string(fields.size()));
  }

  [[noreturn]] void fail(int64_t line, const std::string& what) const {
    throw Error(ErrorCode::kData, source_ + ":" + std::to_string(line) + ": " + what);
  }

 private:
  /// A lone CR is part of a field, except at the very end of the text.
  bool at_line_break() const {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '\n') return true;
    return text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n');
  }
  void skip_line_break() {
    if (text_[at_] == '\r') ++at_;
    ++at_;
    ++line_;
  }
  char checked() const {
    const char c = text_[at_];
    if (c == '\0') fail(line_, "text is required, got a NUL byte (a binary file or UTF-16?)");
    return c;
  }

  std::string plain() {
    const size_t begin = at_;
    while (at_ < text_.size() && checked() != ',' && !at_line_break()) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string quoted() {
    const int64_t opened = line_;
    std::string field;
    ++at_;
    while (true) {
      if (at_ >= text_.size()) fail(opened, "the quote that opens here is never closed");
      const char c = checked();
      ++at_;
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        field += '"';
        ++at_;
      } else {
        break;
      }
    }
    if (at_ < text_.size() && text_[at_] != ',' && !at_line_break())
      fail(line_, "a comma or the end of the line is required after a closing quote");
    return field;
  }

  std::string_view text_;
  const std::string& source_;
  size_t at_ = 0;
  int64_t line_;
};

}  // namespace winnow
