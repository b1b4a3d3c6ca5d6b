#pragma once

#include <atomic>
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

enum class ColumnType { kInteger, kReal, kText };

/// A column after `id`. A value that does not fit a number column is kept as text, an empty one is NULL there.
struct ItemColumn {
  std::string name;
  ColumnType type = ColumnType::kText;
};

/// path, label and the further columns. Columns whose values are all whole numbers become INTEGER, all numbers REAL,
/// else TEXT; a name that differs from another only in case gets a suffix.
std::vector<ItemColumn> infer_item_columns(const std::vector<const EmbeddedItem*>& items,
                                           const std::vector<std::string>& extra_columns);

/// Writes the table: items in the order of their positions.
void write_item_table(const fs::path& file, const std::vector<const EmbeddedItem*>& items,
                      const std::vector<ItemColumn>& columns);

/// A table opened read-only, or one in memory that grows. Thread-safe: one connection behind a mutex.
class ItemTable {
 public:
  explicit ItemTable(const fs::path& file);
  /// An empty table in memory with these columns. @param name  stands for a file in messages
  ItemTable(const std::vector<ItemColumn>& schema, const std::string& name);
  ~ItemTable();

  /// Only for a table in memory: the item of the next position.
  void append(const EmbeddedItem& item);
  int64_t rows() const { return rows_; }
  /// path, label and the further columns with their types.
  const std::vector<ItemColumn>& schema() const { return schema_; }
  /// Every item in the order of positions.
  std::vector<EmbeddedItem> items() const;
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
  std::vector<ItemColumn> schema_;
  std::atomic<int64_t> rows_ = 0;
  std::unique_ptr<State> state_;
};

/// Why the text is not one balanced SQL expression; "" when it is. (Quotes, brackets and comments are understood.)
std::string expression_fault(const std::string& text);

}  // namespace winnow
