#include <algorithm>
#include <set>

#include "retrieval/item_table.h"
#include "retrieval/item_table_sql.h"
#include "src/core/log.h"
#include "src/core/text.h"

namespace winnow {
namespace {

/// Only text that a number gives back unchanged counts: "007" and "+5" stay text.
bool is_plain_integer(const std::string& text) {
  const auto value = parse_int(text);
  return value && std::to_string(*value) == text;
}

bool is_plain_number(const std::string& text) {
  const size_t digits = text.starts_with('-') ? 1 : 0;
  const bool padded = text.size() > digits + 1 && text[digits] == '0' && text[digits + 1] != '.';
  return !padded && parse_double(text).has_value();
}

template <typename Value>
ColumnType column_type(const std::vector<const EmbeddedItem*>& items, bool may_be_real, Value&& value) {
  bool integer = true, any = false;
  for (const auto* item : items) {
    const std::string& text = value(*item);
    if (text.empty()) continue;
    any = true;
    if (integer && !is_plain_integer(text)) integer = false;
    if (!integer && !(may_be_real && is_plain_number(text))) return ColumnType::kText;
  }
  if (!any) return ColumnType::kText;
  return integer ? ColumnType::kInteger : ColumnType::kReal;
}

void bind_value(Statement& insert, int at, const ItemColumn& column, const std::string& text) {
  if (column.type == ColumnType::kText) {
    insert.bind(at, text);
  } else if (text.empty()) {
    insert.bind_null(at);
  } else if (column.type == ColumnType::kInteger && is_plain_integer(text)) {
    insert.bind(at, *parse_int(text));
  } else if (column.type == ColumnType::kReal && is_plain_number(text)) {
    insert.bind(at, *parse_double(text));
  } else {
    insert.bind(at, text);
  }
}

Database create_database(const fs::path& file) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database db(raw);
  if (code != SQLITE_OK) throw_sqlite(db.get(), file);
  return db;
}

}  // namespace

std::vector<ItemColumn> infer_item_columns(const std::vector<const EmbeddedItem*>& items,
                                           const std::vector<std::string>& extra) {
  const auto label = column_type(items, false, [](const EmbeddedItem& i) -> const std::string& { return i.label; });
  std::vector<ItemColumn> columns = {{"path", ColumnType::kText}, {"label", label}};
  std::set<std::string> taken = {"id", "path", "label", "winnow_position"};
  for (size_t at = 0; at < extra.size(); ++at) {
    const auto type =
        column_type(items, true, [at](const EmbeddedItem& i) -> const std::string& { return i.extra[at]; });
    std::string name = extra[at];
    for (int n = 2; name.empty() || !taken.insert(lower(name)).second; ++n) name = extra[at] + "_" + std::to_string(n);
    if (name != extra[at]) {
      log_warning("item column '{}' is called '{}' in the index: SQL ignores case and the name was taken", extra[at],
                  name);
    }
    columns.push_back({name, type});
  }
  return columns;
}

std::string create_items_sql(const std::vector<ItemColumn>& columns) {
  static constexpr const char* kTypes[] = {"INTEGER", "REAL", "TEXT"};
  std::string sql = "CREATE TABLE items (winnow_position INTEGER PRIMARY KEY, id INTEGER NOT NULL";
  for (const auto& column : columns) {
    sql += ", " + quoted_name(column.name) + " " + kTypes[static_cast<int>(column.type)];
  }
  return sql + ")";
}

std::string insert_items_sql(const std::vector<ItemColumn>& columns) {
  std::string marks = "?, ?";
  for (size_t i = 0; i < columns.size(); ++i) marks += ", ?";
  return "INSERT INTO items VALUES (" + marks + ")";
}

void insert_item(Statement& insert, int64_t position, const EmbeddedItem& item,
                 const std::vector<ItemColumn>& columns) {
  insert.bind(1, position);
  insert.bind(2, item.id);
  bind_value(insert, 3, columns[0], item.path);
  bind_value(insert, 4, columns[1], item.label);
  for (size_t i = 2; i < columns.size(); ++i) bind_value(insert, int(i) + 3, columns[i], item.extra[i - 2]);
  insert.step();
  insert.reset();
}

void write_item_table(const fs::path& file, const std::vector<const EmbeddedItem*>& items,
                      const std::vector<ItemColumn>& columns) {
  const Database db = create_database(file);
  const auto run = [&](const std::string& sql) { Statement(db.get(), file, sql).step(); };
  // The folder is invisible until it is complete and synced as a whole, so SQLite need not protect itself.
  run("PRAGMA journal_mode = OFF");
  run("PRAGMA synchronous = OFF");
  run("BEGIN");
  run(create_items_sql(columns));
  {
    Statement insert(db.get(), file, insert_items_sql(columns));
    for (size_t position = 0; position < items.size(); ++position) {
      insert_item(insert, static_cast<int64_t>(position), *items[position], columns);
    }
  }
  run("CREATE INDEX items_label ON items (label)");
  run("COMMIT");
}

}  // namespace winnow
