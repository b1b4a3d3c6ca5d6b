#include <algorithm>

#include "retrieval/generation_build.h"
#include "retrieval/index_edit.h"
#include "retrieval/live_state.h"
#include "retrieval/postprocess/whitening_file.h"
#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {
namespace {

/// The same queries for both indexes: vectors, labels, and the id that each must not find (itself).
struct Queries {
  std::vector<float> before, after;
  std::vector<std::string> labels;
  std::vector<int64_t> ids;
  bool in_index = false;
};

void require_same_items(const Snapshot& state, const Embeddings& items, const fs::path& folder) {
  std::vector<int64_t> given;
  for (const auto& item : items.items()) given.push_back(item.id);
  std::sort(given.begin(), given.end());
  const auto wanted = state.ids("");
  if (given == wanted) return;
  std::vector<int64_t> differing;
  std::set_symmetric_difference(given.begin(), given.end(), wanted.begin(), wanted.end(),
                                std::back_inserter(differing));
  throw Error(ErrorCode::kData, "[" + items.folder().string() + "] exactly the items of " + folder.string() +
                                    " are required, " + std::to_string(differing.size()) +
                                    " ids are on one side only or twice, such as " +
                                    std::to_string(differing.empty() ? given.front() : differing.front()));
}

Queries held_out(const Embeddings& before, const Embeddings& after) {
  Queries q;
  const auto same = [](const EmbeddedItem& a, const EmbeddedItem& b) { return a.id == b.id; };
  if (!std::equal(before.items().begin(), before.items().end(), after.items().begin(), after.items().end(), same)) {
    throw Error(ErrorCode::kData, "[" + after.folder().string() + "] the queries of " + before.folder().string() +
                                      " in the same order are required");
  }
  q.before.assign(before.vectors().begin(), before.vectors().end());
  q.after.assign(after.vectors().begin(), after.vectors().end());
  for (const auto& item : before.items()) {
    q.labels.push_back(item.label);
    q.ids.push_back(item.id);
  }
  return q;
}

Queries sampled(const Snapshot& state, const Embeddings& items, const MigrationOptions& options) {
  Queries q;
  q.in_index = true;
  std::vector<int64_t> rows(static_cast<size_t>(items.rows()));
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i);
  Random(options.seed, "index.migrate").shuffle(rows);
  rows.resize(std::min(rows.size(), static_cast<size_t>(std::max<int64_t>(options.sample, 1))));
  for (const int64_t row : rows) {
    const auto& item = items.items()[static_cast<size_t>(row)];
    const float* old = state.vector(*state.find(item.id));
    q.before.insert(q.before.end(), old, old + state.dim());
    const auto vector = items.vector(row);
    q.after.insert(q.after.end(), vector.begin(), vector.end());
    q.labels.push_back(item.label);
    q.ids.push_back(item.id);
  }
  return q;
}

std::vector<std::vector<Hit>> search(const Index& index, const std::vector<float>& vectors, const Queries& q) {
  std::vector<std::vector<Hit>> out;
  const auto dim = static_cast<size_t>(index.dim());
  for (size_t i = 0; i < q.ids.size(); ++i) {
    SearchOptions options;
    if (q.in_index) options.exclude = q.ids[i];
    out.push_back(index.search(std::span(vectors).subspan(i * dim, dim), options).front());
  }
  return out;
}

double recall_at_1(const Index& index, const std::vector<std::vector<Hit>>& hits, const Queries& q) {
  int64_t right = 0, labelled = 0;
  for (size_t i = 0; i < hits.size(); ++i) {
    if (q.labels[i].empty()) continue;
    ++labelled;
    right += !hits[i].empty() && index.item(hits[i][0].id).label == q.labels[i];
  }
  return labelled > 0 ? static_cast<double>(right) / static_cast<double>(labelled) : 0;
}

double overlap(const std::vector<std::vector<Hit>>& before, const std::vector<std::vector<Hit>>& after) {
  int64_t shared = 0, all = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    for (const auto& hit : before[i]) {
      ++all;
      shared += std::any_of(after[i].begin(), after[i].end(), [&](const Hit& other) { return other.id == hit.id; });
    }
  }
  return all > 0 ? static_cast<double>(shared) / static_cast<double>(all) : 0;
}

void compare(const Index& before, const Index& after, const Queries& q, Migration& out) {
  const auto old_hits = search(before, q.before, q), new_hits = search(after, q.after, q);
  out.queries = static_cast<int64_t>(q.ids.size());
  out.labelled = std::any_of(q.labels.begin(), q.labels.end(), [](const std::string& l) { return !l.empty(); });
  out.recall_before = recall_at_1(before, old_hits, q);
  out.recall_after = recall_at_1(after, new_hits, q);
  out.overlap_at_10 = overlap(old_hits, new_hits);
}

}  // namespace

Migration migrate_index(const fs::path& folder, const Embeddings& items, const Embeddings* old_queries,
                        const Embeddings* new_queries, const MigrationOptions& options,
                        const std::function<void(const std::string&)>& on_step) {
  const fs::path generation = current_generation(folder);
  GenerationWriter writer(folder);
  const auto state = open_snapshot(generation, nullptr);
  require_same_items(*state, items, folder);
  const auto queries =
      old_queries && new_queries ? held_out(*old_queries, *new_queries) : sampled(*state, items, options);
  const GenerationContent content = content_of(std::span(&items, 1));
  const IndexPlan plan = plan_for(folder, options.build, items.rows(), items.dim());
  IndexInfo info = origin_of(items.info());
  copy_whitening(items.folder(), folder, info.whitening_digest);
  info.history = state->base().manifest.info.history;
  Migration out;
  const auto loaded = std::make_shared<const LoadedGeneration>(
      write_generation(writer, content, plan, options.build, std::move(info), "migrate", on_step));
  out.info = loaded->manifest.info;
  compare(*view_of(state), *view_of(std::make_shared<const Snapshot>(loaded)), queries, out);
  if (out.labelled && out.recall_after < out.recall_before - options.max_loss) return out;
  writer.publish(true);
  out.swapped = true;
  return out;
}

}  // namespace winnow
