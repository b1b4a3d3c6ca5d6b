#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "retrieval/embeddings.h"
#include "retrieval/exact_scan.h"
#include "retrieval/index.h"

struct sqlite3;

namespace winnow {

// Internal to retrieval: items.sqlite, one table `items` with a row a position.

/// Writes the table. @param order  embeddings row of each position. Columns whose values are all whole numbers become
/// INTEGER, all numbers REAL (empty = NULL), else TEXT; a name that differs from another only in case gets a suffix.
void write_item_table(const fs::path& file, const Embeddings& embeddings, const std::vector<int64_t>& order);

/// The table opened read-only. Thread-safe: one connection behind a mutex.
class ItemTable {
 public:
  explicit ItemTable(const fs::path& file);
  ~ItemTable();

  int64_t rows() const { return rows_; }
  /// id, path, label, further columns.
  const std::vector<std::string>& columns() const { return columns_; }
  IndexItem item(int64_t position) const;
  /// Ids by position.
  std::vector<int64_t> ids() const;
  /// Positions for which the condition holds. It must be one SQL expression: statements, sub-queries on other tables,
  /// writes and endless work are refused. @throws Error(kData) with SQLite's message and the columns
  std::shared_ptr<const RowSet> filter(const std::string& where) const;

 private:
  struct State;
  std::shared_ptr<const RowSet> evaluate(const std::string& where) const;
  [[noreturn]] void refuse(const std::string& where, const std::string& why) const;

  fs::path file_;
  std::vector<std::string> columns_;
  int64_t rows_ = 0;
  std::unique_ptr<State> state_;
};

/// Why the text is not one balanced SQL expression; "" when it is. (Quotes, brackets and comments are understood.)
std::string expression_fault(const std::string& text);

}  // namespace winnow
