#pragma once

#include <string>
#include <vector>

namespace winnow {

/// A text table for stdout: header, rows, columns padded; numeric-looking cells right-aligned.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// Fixed number of decimals without locale effects.
std::string format_number(double value, int decimals);

}  // namespace winnow
