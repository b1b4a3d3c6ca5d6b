#pragma once

#include <map>
#include <set>

#include "retrieval/live_index.h"
#include "tests/unit/retrieval/support.h"

namespace winnow::test {

/// What an index must hold, kept in the simplest way: a map and full scans.
class LiveModel {
 public:
  struct Entry {
    std::vector<float> vector;
    std::string path, label;
    int64_t price = 0;
  };

  explicit LiveModel(int64_t dim, uint64_t seed) : dim_(dim), random_(seed, "live.model") {}

  std::map<int64_t, Entry>& entries() { return entries_; }
  Random& random() { return random_; }

  Entry fresh_entry() {
    Entry e;
    for (int64_t d = 0; d < dim_; ++d) e.vector.push_back(static_cast<float>(random_.normal()));
    e.path = "p" + std::to_string(random_.below(1'000'000)) + ".jpg";
    e.label = "c" + std::to_string(random_.below(5));
    e.price = static_cast<int64_t>(random_.below(100));
    return e;
  }
  int64_t new_id() {
    int64_t id = 0;
    do {
      id = static_cast<int64_t>(random_.below(4000)) - 1000;
    } while (entries_.contains(id));
    return id;
  }
  int64_t some_id() {
    auto at = entries_.begin();
    std::advance(at, static_cast<int64_t>(random_.below(entries_.size())));
    return at->first;
  }

  static ItemWrite write_of(int64_t id, const Entry& e) {
    return {{id, e.path, e.label, {{"price", std::to_string(e.price)}}}, e.vector};
  }

  Embeddings write(const fs::path& folder) const {
    std::vector<float> rows;
    std::vector<EmbeddedItem> items;
    for (const auto& [id, e] : entries_) {
      rows.insert(rows.end(), e.vector.begin(), e.vector.end());
      items.push_back({id, e.path, e.label, {std::to_string(e.price)}});
    }
    return write_embeddings(folder, rows, dim_, items, {"price"});
  }

  /// Best first by (score desc, id asc).
  std::vector<std::pair<double, int64_t>> ranking(const std::vector<float>& query, int64_t below_price = 1000) const {
    std::vector<std::pair<double, int64_t>> all;
    for (const auto& [id, e] : entries_) {
      if (e.price < below_price) all.emplace_back(-naive_cosine(query.data(), e.vector.data(), dim_), id);
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  /// Everything the index answers agrees with the model; approximate searches return live items with right scores.
  void compare(const Index& index) {
    ASSERT_EQ(index.size(), static_cast<int64_t>(entries_.size()));
    std::vector<int64_t> ids;
    for (const auto& [id, e] : entries_) ids.push_back(id);
    ASSERT_EQ(index.ids(), ids);
    const auto query = fresh_entry().vector;
    const int64_t below = static_cast<int64_t>(random_.below(100)) + 1;
    compare_hits(index.search(query, {.k = 7, .exact = true}).front(), ranking(query), 7);
    compare_hits(index.search(query, {.k = 7, .where = "price < " + std::to_string(below), .exact = true}).front(),
                 ranking(query, below), 7);
    const auto rough = index.search(query, {.k = 7}).front();
    ASSERT_EQ(rough.size(), std::min<size_t>(7, entries_.size()));
    std::set<int64_t> seen;
    for (const auto& hit : rough) {
      ASSERT_TRUE(entries_.contains(hit.id)) << hit.id;
      EXPECT_TRUE(seen.insert(hit.id).second);
      EXPECT_NEAR(hit.score, naive_cosine(query.data(), entries_[hit.id].vector.data(), dim_), 2e-6);
    }
    if (entries_.empty()) return;
    const int64_t id = some_id();
    const auto item = index.item(id);
    EXPECT_EQ(item.path, entries_[id].path);
    EXPECT_EQ(item.label, entries_[id].label);
    EXPECT_EQ(item.columns.at(0).second, std::to_string(entries_[id].price));
    EXPECT_NEAR(naive_cosine(index.vector(id).data(), entries_[id].vector.data(), dim_), 1, 1e-6);
  }

 private:
  void compare_hits(const std::vector<Hit>& hits, const std::vector<std::pair<double, int64_t>>& wanted, size_t k) {
    ASSERT_EQ(hits.size(), std::min(k, wanted.size()));
    for (size_t i = 0; i < hits.size(); ++i) {
      EXPECT_NEAR(hits[i].score, -wanted[i].first, 2e-6);
      if (i == 0 || std::fabs(wanted[i].first - wanted[i - 1].first) > 1e-5) {
        const bool tie = i + 1 < wanted.size() && std::fabs(wanted[i].first - wanted[i + 1].first) <= 1e-5;
        if (!tie) {
          EXPECT_EQ(hits[i].id, wanted[i].second) << "rank " << i;
        }
      }
    }
  }

  int64_t dim_;
  Random random_;
  std::map<int64_t, Entry> entries_;
};

}  // namespace winnow::test
