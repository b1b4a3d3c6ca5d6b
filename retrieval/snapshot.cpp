#include "retrieval/snapshot.h"

#include <algorithm>

#include "retrieval/sealed_json.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

/// Position of an id in ascending ids, or -1.
int64_t position_of(std::span<const int64_t> ids, int64_t id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  return at != ids.end() && *at == id ? at - ids.begin() : -1;
}

/// Two lists in order (score desc, id asc) into the k best of both.
std::vector<Scored> merged(std::vector<Scored> a, const std::vector<Scored>& b, int64_t k) {
  if (b.empty()) return a;
  const auto middle = static_cast<int64_t>(a.size());
  a.insert(a.end(), b.begin(), b.end());
  std::inplace_merge(a.begin(), a.begin() + middle, a.end(), better);
  a.resize(std::min(a.size(), static_cast<size_t>(k)));
  return a;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const LoadedGeneration> base)
    : base_(std::move(base)),
      alive_rows_(std::make_shared<RowSet>(RowSet::full(base_->manifest.info.count))),
      alive_slots_(std::make_shared<RowSet>(0)),
      delta_(std::make_shared<Delta>(base_->manifest.info.dim, base_->items->schema())),
      live_(base_->manifest.info.count) {}

LogShape Snapshot::log_shape() const {
  const auto& info = base_->manifest.info;
  return {info.generation, info.dim, static_cast<int64_t>(base_->items->schema().size()) - 2};
}

std::shared_ptr<const Snapshot> Snapshot::after(std::vector<WriteOperation>&& batch) const {
  auto next = std::make_shared<Snapshot>(*this);
  auto rows = std::make_shared<RowSet>(*alive_rows_);
  auto slots = std::make_shared<RowSet>(*alive_slots_);
  slots->grow(slots_ + static_cast<int64_t>(batch.size()));
  next->alive_slots_ = slots;
  next->alive_rows_ = rows;
  for (auto& one : batch) {
    if (const auto place = next->find(one.item.id)) {
      if (place->slot >= 0) {
        slots->erase(place->slot);
      } else {
        rows->erase(place->row);
      }
      --next->live_;
    }
    if (one.remove) continue;
    slots->insert(delta_->append(std::move(one.item), one.vector));
    ++next->slots_;
    ++next->live_;
  }
  return next;
}

std::optional<Snapshot::Place> Snapshot::find(int64_t id) const {
  const auto slot = delta_->find(id, slots_);
  if (slot && alive_slots_->contains(*slot)) return Place{-1, *slot};
  const int64_t row = position_of(base_->ids(), id);
  return row >= 0 && alive_rows_->contains(row) ? std::optional(Place{row, -1}) : std::nullopt;
}

IndexItem Snapshot::item(const Place& place) const {
  if (place.slot < 0) return base_->items->item(place.row);
  const auto& stored = delta_->item(place.slot);
  IndexItem item{stored.id, stored.path, stored.label, {}};
  const auto& schema = base_->items->schema();
  for (size_t i = 2; i < schema.size(); ++i) item.columns.emplace_back(schema[i].name, stored.extra[i - 2]);
  return item;
}

EmbeddedItem Snapshot::record(const Place& place) const {
  if (place.slot >= 0) return delta_->item(place.slot);
  IndexItem item = base_->items->item(place.row);
  EmbeddedItem out{item.id, std::move(item.path), std::move(item.label), {}};
  for (auto& [name, value] : item.columns) out.extra.push_back(std::move(value));
  return out;
}

const float* Snapshot::vector(const Place& place) const {
  return place.slot >= 0 ? delta_->vector(place.slot) : base_->rows() + place.row * dim();
}

std::vector<std::vector<Scored>> Snapshot::search(const float* unit, int64_t queries, int64_t k,
                                                  const std::string& where, bool exact, std::string* plan) const {
  std::shared_ptr<const RowSet> rows;  // nullptr = every row of the base
  if (!where.empty()) rows = base_->items->filter(where);
  const bool some_dead = removed() > 0;
  if (some_dead) rows = rows ? std::make_shared<RowSet>(RowSet::both(*rows, *alive_rows_)) : alive_rows_;
  auto found = exact ? base_->searcher->scan(unit, queries, k, rows.get())
                     : base_->searcher->search(unit, queries, k, rows.get(), where.empty() ? nullptr : plan);
  const auto ids = base_->ids();
  for (auto& list : found) {
    for (auto& one : list) one.position = ids[static_cast<size_t>(one.position)];
  }
  if (added() == 0) return found;
  std::optional<RowSet> allowed;
  if (!where.empty()) allowed = delta_->filter(where);
  parallel_for(queries, [&](int64_t begin, int64_t end) {
    for (int64_t q = begin; q < end; ++q) {
      auto& list = found[static_cast<size_t>(q)];
      const auto fresh = delta_->scan(unit + q * dim(), k, slots_, *alive_slots_, allowed ? &*allowed : nullptr);
      list = merged(std::move(list), fresh, k);
    }
  });
  if (plan && !where.empty()) *plan += "; " + grouped(added()) + " newer items, exact";
  return found;
}

std::vector<int64_t> Snapshot::ids(const std::string& where) const {
  std::shared_ptr<const RowSet> rows = where.empty() ? nullptr : base_->items->filter(where);
  std::optional<RowSet> slots;
  if (!where.empty()) slots = delta_->filter(where);
  std::vector<int64_t> out;
  const auto ids = base_->ids();
  for (int64_t row = 0; row < base_->manifest.info.count; ++row) {
    if (alive_rows_->contains(row) && (!rows || rows->contains(row))) out.push_back(ids[static_cast<size_t>(row)]);
  }
  for (int64_t slot = 0; slot < slots_; ++slot) {
    if (alive_slots_->contains(slot) && (!slots || slots->contains(slot))) out.push_back(delta_->item(slot).id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace winnow
