#include <algorithm>
#include <map>

#include "retrieval/generation_build.h"
#include "retrieval/live_state.h"
#include "retrieval/postprocess/whitening_file.h"
#include "src/core/error.h"

namespace winnow {
namespace {

struct Source {
  fs::path folder;
  std::shared_ptr<const Snapshot> state;
};

Source open_source(const fs::path& folder, const fs::path& target) {
  std::error_code ignored;
  if (fs::equivalent(folder, target, ignored)) {
    throw Error(ErrorCode::kUsage, "[index merge] the target must be another folder than the sources, got " +
                                       folder.string() + " as both");
  }
  return {folder, open_snapshot(current_generation(folder), nullptr)};
}

void require_one_model(const std::vector<Source>& sources) {
  const auto& first = sources.front().state->base().manifest.info;
  for (const auto& source : sources) {
    const auto& info = source.state->base().manifest.info;
    if (info.dim == first.dim && info.model_digest == first.model_digest &&
        info.preprocessing_digest == first.preprocessing_digest && info.augmented == first.augmented) {
      continue;
    }
    throw Error(ErrorCode::kMismatch,
                "[" + source.folder.string() + "] model, dimension and DBA of " + sources.front().folder.string() +
                    " are required, these differ; embed one side again and use `winnow index migrate`");
  }
}

/// Which source gives each id.
std::map<int64_t, size_t> owners(const std::vector<Source>& sources, const std::string& duplicates) {
  std::map<int64_t, size_t> owner;
  for (size_t s = 0; s < sources.size(); ++s) {
    for (const int64_t id : sources[s].state->ids("")) {
      const auto [at, fresh] = owner.emplace(id, s);
      if (fresh || duplicates == "first") continue;
      if (duplicates == "last") {
        at->second = s;
        continue;
      }
      throw Error(ErrorCode::kData, "[index merge] every id once is required, " + std::to_string(id) + " is in " +
                                        sources[at->second].folder.string() + " and " + sources[s].folder.string() +
                                        "; choose with --duplicates first or last");
    }
  }
  return owner;
}

/// Names of the further columns of all sources, in order of their first appearance.
std::vector<std::string> all_columns(const std::vector<Source>& sources) {
  std::vector<std::string> names;
  for (const auto& source : sources) {
    const auto& schema = source.state->base().items->schema();
    for (size_t i = 2; i < schema.size(); ++i) {
      if (std::find(names.begin(), names.end(), schema[i].name) == names.end()) names.push_back(schema[i].name);
    }
  }
  return names;
}

EmbeddedItem with_columns(const IndexItem& item, const std::vector<std::string>& names) {
  EmbeddedItem out{item.id, item.path, item.label, std::vector<std::string>(names.size())};
  for (const auto& [name, value] : item.columns) {
    out.extra[static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin())] = value;
  }
  return out;
}

}  // namespace

IndexInfo merge_indexes(const std::vector<fs::path>& folders, const fs::path& folder, const IndexMergeOptions& options,
                        const std::function<void(const std::string&)>& on_step) {
  if (folders.empty()) throw Error(ErrorCode::kUsage, "[index merge] at least one index folder is required");
  std::vector<Source> sources;
  for (const auto& one : folders) sources.push_back(open_source(one, folder));
  require_one_model(sources);
  const auto names = all_columns(sources);
  const auto owner = owners(sources, options.duplicates);
  std::vector<EmbeddedItem> items;
  items.reserve(owner.size());
  GenerationContent content;
  content.dim = sources.front().state->dim();
  content.unit = true;
  content.source = "merge";
  for (const auto& [id, s] : owner) {
    const auto& state = *sources[s].state;
    const auto place = *state.find(id);
    items.push_back(with_columns(state.item(place), names));
    content.items.push_back(&items.back());
    content.vectors.push_back(state.vector(place));
  }
  content.columns = infer_item_columns(content.items, names);
  const auto rows = static_cast<int64_t>(items.size());
  const IndexPlan plan = plan_for(folder, options.build, rows, content.dim);
  GenerationWriter writer(folder);
  IndexInfo info = sources.front().state->base().manifest.info;
  copy_whitening(sources.front().folder, folder, info.whitening_digest);
  info.history = history_of(folder);
  const auto loaded = write_generation(writer, content, plan, options.build, std::move(info), "merge", on_step);
  writer.publish(options.build.keep_old);
  return loaded.manifest.info;
}

}  // namespace winnow
