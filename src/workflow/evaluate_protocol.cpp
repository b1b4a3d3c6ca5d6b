#include <algorithm>
#include <memory>
#include <numeric>

#include "src/core/error.h"
#include "src/evaluation/truth.h"
#include "src/workflow/evaluate_parts.h"

namespace winnow {
namespace {

ProtocolSide side_of(const Embeddings& embeddings) {
  ProtocolSide out;
  for (const auto& item : embeddings.items()) {
    out.paths.push_back(item.path);
    out.labels.push_back(item.label);
  }
  return out;
}

/// Vectors of chosen rows; a view of the folder where they are all rows in order, else a copy.
struct ChosenVectors {
  std::vector<float> copy;
  std::span<const float> view;
  std::vector<int64_t> ids;
};

ChosenVectors choose(const Embeddings& embeddings, const std::vector<int64_t>& rows) {
  ChosenVectors out;
  bool all = static_cast<int64_t>(rows.size()) == embeddings.rows();
  for (size_t i = 0; i < rows.size(); ++i) {
    all = all && rows[i] == static_cast<int64_t>(i);
    out.ids.push_back(embeddings.items()[static_cast<size_t>(rows[i])].id);
  }
  out.view = embeddings.vectors();
  if (all) return out;
  out.copy.reserve(rows.size() * static_cast<size_t>(embeddings.dim()));
  for (const int64_t row : rows) {
    const auto vector = embeddings.vector(row);
    out.copy.insert(out.copy.end(), vector.begin(), vector.end());
  }
  out.view = out.copy;
  return out;
}

std::unique_ptr<Truth> truth_of(const RetrievalTask& task, const VectorSet& queries, const VectorSet& gallery,
                                bool drop_self, const Masks& masks) {
  if (!task.lists.empty()) return std::make_unique<ListTruth>(task.lists, gallery.rows);
  if (task.words > 0)
    return std::make_unique<ShareTruth>(task.query_bits, task.gallery_bits, task.words,
                                        drop_self ? rows_of_ids(queries.ids, gallery.ids) : std::vector<int64_t>{});
  return std::make_unique<LabelTruth>(queries, gallery, drop_self, masks);
}

EvaluationRun run_task(const EvaluationRun& folders, const ProtocolDefinition& protocol, RetrievalTask task,
                       RetrievalOptions options) {
  EvaluationRun run = folders;
  run.task = task.name;
  run.labelled = task.lists.empty() && task.words == 0;
  const auto queries = choose(run.queries, task.queries), gallery = choose(run.gallery, task.gallery);
  task.gallery_labels.resize(task.gallery.size(), -1);
  run.query_set = {task.query_labels, queries.ids};
  run.gallery_set = {task.gallery_labels, gallery.ids};
  run.query_rows = task.queries;
  run.gallery_rows = task.gallery;
  run.same_set = folders.same_set && protocol.drop_self;
  options.same_set = run.same_set;
  options.masks = {task.query_camera, task.gallery_camera, {}, {}};
  const VectorSet query_view{queries.view, static_cast<int64_t>(task.queries.size()), run.queries.dim(),
                             run.query_set.labels, run.query_set.ids};
  const VectorSet gallery_view{gallery.view, static_cast<int64_t>(task.gallery.size()), run.gallery.dim(),
                               run.gallery_set.labels, run.gallery_set.ids};
  const auto truth = truth_of(task, query_view, gallery_view, run.same_set, options.masks);
  measure(run, query_view, gallery_view, *truth, options);
  run.options = options;
  run.options.masks = {};
  return run;
}

}  // namespace

ProtocolRun evaluate_protocol(const std::string& name, const fs::path& queries, const fs::path& gallery,
                              const fs::path& truth, RetrievalOptions options) {
  ProtocolRun out;
  out.protocol = &find_retrieval_protocol(name);
  const EvaluationRun folders = open_folders(queries, gallery);
  ProtocolInput input{side_of(folders.queries), side_of(folders.gallery), folders.same_set, truth};
  auto plan = plan_protocol(*out.protocol, input);
  out.notes = std::move(plan.notes);
  options.metrics.insert(options.metrics.end(), out.protocol->metrics.begin(), out.protocol->metrics.end());
  for (const int64_t k : out.protocol->ks)
    if (std::find(options.ks.begin(), options.ks.end(), k) == options.ks.end()) options.ks.push_back(k);
  std::sort(options.ks.begin(), options.ks.end());
  // What metric_names(ks) has already needs no second column.
  const auto always = metric_names(options.ks);
  std::erase_if(options.metrics,
                [&](const auto& m) { return std::find(always.begin(), always.end(), m) != always.end(); });
  for (auto& task : plan.tasks) out.tasks.push_back(run_task(folders, *out.protocol, std::move(task), options));
  return out;
}

std::map<std::string, double> protocol_metrics(const ProtocolRun& run) {
  std::map<std::string, double> out;
  for (const auto& task : run.tasks)
    for (const auto& [name, value] : task.result.metrics)
      out[task.task.empty() ? name : task.task + "." + name] = value;
  return out;
}

std::string protocol_json(const ProtocolRun& run) {
  nlohmann::ordered_json j = {{"protocol", run.protocol->name}, {"metrics", protocol_metrics(run)}};
  j["protocol_metrics"] = run.protocol->metrics;
  j["notes"] = run.notes;
  j["queries"] = run.tasks.front().result.queries.size();
  j["gallery"] = run.tasks.front().gallery_set.labels.size();
  j["seconds"] = std::accumulate(run.tasks.begin(), run.tasks.end(), 0.0,
                                 [](double sum, const auto& task) { return sum + task.result.seconds; });
  for (const auto& task : run.tasks)
    j["tasks"][task.task.empty() ? run.protocol->name : task.task] = evaluation_document(task);
  return j.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace winnow
