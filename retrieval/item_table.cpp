#include "retrieval/item_table.h"

#include <algorithm>
#include <list>

#include "retrieval/item_table_sql.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr size_t kCachedFilters = 8;
constexpr size_t kMaxCondition = 20'000;

/// file: URI of an absolute path; immutable, so SQLite takes no locks and looks for no journal.
std::string read_only_uri(const fs::path& file) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : fs::absolute(file).string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '/' || c == '-' || c == '_' || c == '.') {
      uri += c;
    } else {
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri + "?mode=ro&immutable=1";
}

/// Only reading the one table, and functions that give the same answer every time and touch nothing outside.
int authorize(void* appending, int action, const char* first, const char* second, const char*, const char*) {
  if (*static_cast<const bool*>(appending)) return SQLITE_OK;
  if (action == SQLITE_SELECT) return SQLITE_OK;
  if (action == SQLITE_READ) return first && std::string_view(first) == "items" ? SQLITE_OK : SQLITE_DENY;
  if (action == SQLITE_FUNCTION) {
    const std::string name = second ? lower(second) : "";
    for (const char* refused : {"load_extension", "random", "randomblob", "zeroblob", "fts3_tokenizer"}) {
      if (name == refused) return SQLITE_DENY;
    }
    return SQLITE_OK;
  }
  return SQLITE_DENY;
}

struct WorkBudget {
  int64_t left;
  static constexpr int kStep = 1000;
  static int spend(void* self) { return (static_cast<WorkBudget*>(self)->left -= kStep) < 0; }
};

Database open_database(const std::string& uri, int flags, const fs::path& file) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &raw, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  Database db(raw);
  if (code != SQLITE_OK) throw_sqlite(db.get(), file);
  sqlite3_db_config(db.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Else a misspelt column in double quotes would silently be a text.
  sqlite3_db_config(db.get(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_limit(db.get(), SQLITE_LIMIT_LENGTH, 64 << 20);
  sqlite3_limit(db.get(), SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
  return db;
}

bool is_statement(const std::string& text) {
  const std::string start = lower(trim(text).substr(0, 8));
  for (const std::string_view word : {"select", "with", "values"}) {
    const bool ends = start.size() == word.size() ||
                      (start.size() > word.size() && !std::isalnum(static_cast<unsigned char>(start[word.size()])) &&
                       start[word.size()] != '_');
    if (start.starts_with(word) && ends) return true;
  }
  return false;
}

}  // namespace

struct ItemTable::State {
  Database db;
  std::mutex mutex;
  std::list<std::pair<std::string, std::shared_ptr<const RowSet>>> recent;  // the newest first
  std::unique_ptr<Statement> insert;                                        // of a table in memory
  bool appending = false;                                                   // lifts the authorizer's refusals

  ~State() { insert.reset(); }
};

namespace {

ColumnType column_type(const std::string& declared) {
  if (declared == "INTEGER") return ColumnType::kInteger;
  return declared == "REAL" ? ColumnType::kReal : ColumnType::kText;
}

}  // namespace

ItemTable::ItemTable(const fs::path& file) : file_(file), state_(std::make_unique<State>()) {
  state_->db = open_database(read_only_uri(file_), SQLITE_OPEN_READONLY, file_);
  Statement info(state_->db.get(), file_, "PRAGMA table_info(items)");
  while (info.step()) {
    columns_.push_back(info.text(1));
    if (columns_.size() > 2) schema_.push_back({info.text(1), column_type(info.text(2))});
  }
  if (columns_.size() < 4 || columns_[0] != "winnow_position" || columns_[1] != "id") {
    throw Error(ErrorCode::kData, "[" + file_.string() + "] a table of items is required, the file holds another one");
  }
  columns_.erase(columns_.begin());
  sqlite3_set_authorizer(state_->db.get(), authorize, &state_->appending);
  Statement last(state_->db.get(), file_, "SELECT max(winnow_position) FROM items");
  if (last.step() && !last.text(0).empty()) rows_ = last.integer(0) + 1;
}

ItemTable::ItemTable(const std::vector<ItemColumn>& schema, const std::string& name)
    : file_(name), columns_({"id"}), schema_(schema), state_(std::make_unique<State>()) {
  state_->db = open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, file_);
  for (const auto& column : schema_) columns_.push_back(column.name);
  Statement(state_->db.get(), file_, create_items_sql(schema_)).step();
  state_->insert = std::make_unique<Statement>(state_->db.get(), file_, insert_items_sql(schema_));
  sqlite3_set_authorizer(state_->db.get(), authorize, &state_->appending);
}

ItemTable::~ItemTable() = default;

void ItemTable::append(const EmbeddedItem& item) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->appending = true;
  insert_item(*state_->insert, rows_, item, schema_);
  state_->appending = false;
  state_->recent.clear();
  ++rows_;
}

std::vector<EmbeddedItem> ItemTable::items() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  Statement row(state_->db.get(), file_, "SELECT * FROM items ORDER BY winnow_position");
  std::vector<EmbeddedItem> all;
  all.reserve(static_cast<size_t>(rows_));
  while (row.step()) {
    EmbeddedItem item{row.integer(1), row.text(2), row.text(3), {}};
    for (int i = 4; i < row.columns(); ++i) item.extra.push_back(row.text(i));
    all.push_back(std::move(item));
  }
  return all;
}

IndexItem ItemTable::item(int64_t position) const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  Statement row(state_->db.get(), file_, "SELECT * FROM items WHERE winnow_position = ?");
  row.bind(1, position);
  if (!row.step()) {
    throw Error(ErrorCode::kData, "[" + file_.string() + "] row " + std::to_string(position) + " is missing");
  }
  IndexItem item{row.integer(1), row.text(2), row.text(3), {}};
  for (int i = 4; i < row.columns(); ++i) item.columns.emplace_back(columns_[static_cast<size_t>(i) - 1], row.text(i));
  return item;
}

std::vector<int64_t> ItemTable::ids() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  Statement row(state_->db.get(), file_, "SELECT id FROM items ORDER BY winnow_position");
  std::vector<int64_t> ids;
  while (row.step()) ids.push_back(row.integer(0));
  return ids;
}

std::shared_ptr<const RowSet> ItemTable::filter(const std::string& where) const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  auto& recent = state_->recent;
  const auto found =
      std::find_if(recent.begin(), recent.end(), [&](const auto& entry) { return entry.first == where; });
  if (found != recent.end()) {
    recent.splice(recent.begin(), recent, found);
  } else {
    recent.emplace_front(where, evaluate(where));
    if (recent.size() > kCachedFilters) recent.pop_back();
  }
  return recent.front().second;
}

void ItemTable::refuse(const std::string& where, const std::string& why) const {
  std::string message = "[where] an SQL condition over the item columns (" + join(columns_, ", ") +
                        ") is required, got '" + where.substr(0, 200) + "': " + why;
  constexpr std::string_view kUnknown = "no such column: ";
  if (why.starts_with(kUnknown)) {
    const auto near = nearest_name(lower(why.substr(kUnknown.size())), columns_);
    if (near) message += " (did you mean '" + *near + "'?)";
  }
  throw Error(ErrorCode::kData, message);
}

std::shared_ptr<const RowSet> ItemTable::evaluate(const std::string& where) const {
  if (const std::string fault = expression_fault(where); !fault.empty()) refuse(where, fault);
  sqlite3* db = state_->db.get();
  // The line break ends a trailing comment before it can swallow the bracket.
  const std::string sql = "SELECT winnow_position FROM items WHERE (\n" + where + "\n)";
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw, sqlite3_finalize);
  if (prepared != SQLITE_OK) refuse(where, sqlite3_errmsg(db));
  if (sqlite3_bind_parameter_count(raw) > 0) refuse(where, "parameters (? or :name) have no value here");
  WorkBudget budget{50'000'000 + rows_ * 2'000};
  sqlite3_progress_handler(db, WorkBudget::kStep, WorkBudget::spend, &budget);
  auto rows = std::make_shared<RowSet>(rows_);
  int code = sqlite3_step(raw);
  for (; code == SQLITE_ROW; code = sqlite3_step(raw)) {
    const int64_t position = sqlite3_column_int64(raw, 0);
    if (position >= 0 && position < rows_) rows->insert(position);
  }
  sqlite3_progress_handler(db, 0, nullptr, nullptr);
  if (code == SQLITE_INTERRUPT) refuse(where, "it takes too long (sub-queries of sub-queries?)");
  if (code != SQLITE_DONE) refuse(where, sqlite3_errmsg(db));
  return rows;
}

std::string expression_fault(const std::string& text) {
  if (text.size() > kMaxCondition) return "longer than " + std::to_string(kMaxCondition) + " characters";
  // As a sub-query in brackets it would be valid and hold for every row or none.
  if (is_statement(text)) return "a statement (only what follows WHERE is wanted)";
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    size_t end = i;
    if (c == '\0') return "a zero byte";
    if (c == ';') return "';' (one expression, no statements)";
    if (c == '\'' || c == '"' || c == '`') {
      end = text.find(c, i + 1);  // a doubled quote just opens the next piece
    } else if (c == '[') {
      end = text.find(']', i + 1);
    } else if (text.compare(i, 2, "--") == 0) {
      end = std::min(text.find('\n', i), text.size() - 1);
    } else if (text.compare(i, 2, "/*") == 0) {
      end = text.find("*/", i + 2);
      if (end != std::string::npos) ++end;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth < 0) {
      return "a ')' without its '('";
    }
    if (end == std::string::npos) return std::string("no end of ") + c;
    i = end;
  }
  return depth == 0 ? "" : "a '(' without its ')'";
}

}  // namespace winnow
