#pragma once

#include <string>
#include <vector>

#include "retrieval/item_table.h"
#include "retrieval/sqlite.h"

namespace winnow {

// Internal to retrieval: the statements of the item table, shared by the one on disk and the one in memory.

std::string create_items_sql(const std::vector<ItemColumn>& columns);
std::string insert_items_sql(const std::vector<ItemColumn>& columns);
/// Runs the prepared insert_items_sql() for one item.
void insert_item(Statement& insert, int64_t position, const EmbeddedItem& item, const std::vector<ItemColumn>& columns);

}  // namespace winnow
