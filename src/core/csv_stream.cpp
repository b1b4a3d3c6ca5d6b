#include "src/core/csv_stream.h"

#include <algorithm>

#include "src/core/csv_parser.h"

namespace winnow {
namespace {

/// Bytes of the text's first line, quoted line breaks being part of it; npos when its end is not in the text.
size_t line_bytes(std::string_view text, bool first_of_file) {
  const bool marked = first_of_file && text.substr(0, kByteOrderMark.size()) == kByteOrderMark;
  bool quoted = false, field_begins = true;
  for (size_t i = marked ? kByteOrderMark.size() : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"') {
      // A doubled quote is one of the field; whether this one is doubled, the next byte says.
      if (i + 1 == text.size()) return std::string_view::npos;
      if (text[i + 1] == '"')
        ++i;
      else
        quoted = false;
    } else if (!quoted) {
      if (c == '\n') return i + 1;
      quoted = field_begins && c == '"';
      field_begins = c == ',';
    }
  }
  return std::string_view::npos;
}

}  // namespace

CsvStream::CsvStream(const fs::path& file, size_t max_row, size_t chunk) : max_row_(max_row), chunk_(chunk) {
  head_.source = file.string();
  std::error_code ignored;
  if (!fs::exists(file, ignored)) throw Error(ErrorCode::kNotFound, head_.source + ": no such file");
  in_.open(file, std::ios::binary);
  if (!in_ || fs::is_directory(file, ignored))
    throw Error(ErrorCode::kData, head_.source + ": a readable file is required");
  if (!row(head_.header))
    throw Error(ErrorCode::kData, head_.source + ":1: a header line is required, the file is empty");
}

bool CsvStream::next(std::vector<std::string>& fields) {
  if (!row(fields)) return false;
  CsvParser({}, head_.source).check_width(fields, head_.header.size(), row_line_);
  return true;
}

bool CsvStream::row(std::vector<std::string>& fields) {
  while (true) {
    const std::string_view left = std::string_view(buffer_).substr(at_);
    size_t bytes = line_bytes(left, line_ == 1);
    if (bytes == std::string_view::npos) {
      if (!ended_) {
        read_more();
        continue;
      }
      bytes = left.size();
    }
    if (bytes == 0) return false;
    CsvParser parser(left.substr(0, bytes), head_.source, line_);
    const bool found = parser.row(fields, row_line_);
    at_ += bytes;
    line_ = parser.line();
    if (found) return true;
  }
}

void CsvStream::read_more() {
  buffer_.erase(0, at_);
  at_ = 0;
  if (buffer_.size() > max_row_)
    CsvParser({}, head_.source)
        .fail(line_,
              "a row of at most " + std::to_string(max_row_) + " bytes is required (a quote that never closes?)");
  // A row longer than a chunk is looked at again from its beginning: twice as much each time keeps that linear.
  const size_t have = buffer_.size(), want = std::max(chunk_, have);
  buffer_.resize(have + want);
  in_.read(buffer_.data() + have, static_cast<std::streamsize>(want));
  if (in_.bad()) throw Error(ErrorCode::kData, head_.source + ": reading failed");
  buffer_.resize(have + static_cast<size_t>(in_.gcount()));
  ended_ = static_cast<size_t>(in_.gcount()) < want;
}

}  // namespace winnow
