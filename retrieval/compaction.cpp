#include "retrieval/compaction.h"

#include "src/core/error.h"

namespace winnow {
namespace {

/// The plan there is, as long as it suits the new size; else the same type planned anew.
IndexPlan plan_compaction(const IndexInfo& now, const CompactOptions& options, int64_t count) {
  if (options.type != "keep") return plan_index(options.type, count, now.dim, options.memory);
  const bool same_size = count <= 2 * now.count && 2 * count >= now.count;
  if (same_size || now.type == "factory") return {now.factory, now.reason, now.probe, 0, now.type};
  return plan_index(now.type, count, now.dim, 0);
}

}  // namespace

LoadedGeneration write_compacted(const GenerationWriter& writer, const Snapshot& state, const CompactOptions& options,
                                 const BuildStep& step) {
  if (state.live() == 0) {
    throw Error(ErrorCode::kData,
                "[index compact] at least one item is required, all were removed; add some, or remove the folder");
  }
  const IndexInfo& now = state.base().manifest.info;
  GenerationContent content;
  content.dim = now.dim;
  content.unit = true;
  content.columns = state.base().items->schema();
  content.source = "compact";
  const auto rows = state.base().items->items();
  std::vector<EmbeddedItem> fresh;
  fresh.reserve(static_cast<size_t>(state.added()));
  for (const int64_t id : state.ids("")) {
    const auto place = *state.find(id);
    content.vectors.push_back(state.vector(place));
    content.items.push_back(place.slot < 0 ? &rows[static_cast<size_t>(place.row)]
                                           : &fresh.emplace_back(state.record(place)));
  }
  const IndexPlan plan = plan_compaction(now, options, state.live());
  IndexBuildOptions build;
  build.probe = options.probe;
  build.seed = options.seed;
  return write_generation(writer, content, plan, build, now, "compact", step);
}

}  // namespace winnow
