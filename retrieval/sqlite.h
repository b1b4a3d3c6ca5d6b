#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "src/core/error.h"
#include "src/core/files.h"

namespace winnow {

// Internal to retrieval: SQLite handles that close themselves and errors in our form.

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// Error(kDevice) for a full disk or failed read, else Error(kData), naming the file.
[[noreturn]] inline void throw_sqlite(sqlite3* db, const fs::path& file) {
  const int code = sqlite3_errcode(db) & 0xff;
  const bool device = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  throw Error(device ? ErrorCode::kDevice : ErrorCode::kData, "[" + file.string() + "] SQLite: " + sqlite3_errmsg(db));
}

/// One prepared statement.
class Statement {
 public:
  Statement(sqlite3* db, const fs::path& file, std::string_view sql) : db_(db), file_(file) {
    if (sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) != SQLITE_OK) {
      throw_sqlite(db, file);
    }
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Parameters count from 1. The text must live until the next step().
  void bind(int at, std::string_view text) {
    sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void bind(int at, int64_t value) { sqlite3_bind_int64(statement_, at, value); }
  void bind(int at, double value) { sqlite3_bind_double(statement_, at, value); }
  void bind_null(int at) { sqlite3_bind_null(statement_, at); }

  /// @return true while there is a row
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw_sqlite(db_, file_);
    return false;
  }
  void reset() { sqlite3_reset(statement_); }

  int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes ? std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
  }
  int columns() const { return sqlite3_column_count(statement_); }

 private:
  sqlite3* db_;
  const fs::path& file_;
  sqlite3_stmt* statement_ = nullptr;
};

/// A column or table name for SQL.
inline std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

}  // namespace winnow
