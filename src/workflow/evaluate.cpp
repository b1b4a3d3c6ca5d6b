#include "src/workflow/evaluate.h"

#include <unordered_map>

#include "retrieval/postprocess/whitening_file.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/workflow/evaluate_parts.h"

namespace winnow {
namespace {

class LabelTable {
 public:
  int64_t number(const std::string& name) {
    if (name.empty()) return -1;
    const auto [at, fresh] = numbers_.emplace(name, static_cast<int64_t>(names.size()));
    if (fresh) names.push_back(name);
    return at->second;
  }
  LabelledSet read(const Embeddings& embeddings) {
    LabelledSet out;
    for (const auto& item : embeddings.items()) {
      out.labels.push_back(number(item.label));
      out.ids.push_back(item.id);
    }
    return out;
  }
  std::vector<std::string> names;

 private:
  std::unordered_map<std::string, int64_t> numbers_;
};

VectorSet view(const Embeddings& embeddings, const LabelledSet& set) {
  return {embeddings.vectors(), embeddings.rows(), embeddings.dim(), set.labels, set.ids};
}

void check_same_model(const Embeddings& queries, const Embeddings& gallery) {
  const auto& a = queries.info();
  const auto& b = gallery.info();
  if (a.model_digest != b.model_digest || a.preprocessing_digest != b.preprocessing_digest)
    throw Error(
        ErrorCode::kMismatch,
        "[eval] queries and gallery must come from the same model and recipe (flip, scales, pooling, whitening); " +
            queries.folder().string() + " has model " + a.model_digest.substr(0, 12) + ", " +
            gallery.folder().string() + " has " + b.model_digest.substr(0, 12));
  if (queries.dim() != gallery.dim())
    throw Error(ErrorCode::kMismatch, "[eval] queries have " + std::to_string(queries.dim()) +
                                          " dimensions, the gallery " + std::to_string(gallery.dim()));
}

bool same_folder(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return b.empty() || fs::equivalent(a, b, ignored);
}

}  // namespace

void measure(EvaluationRun& run, const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
             const RetrievalOptions& options) {
  run.stated_memory = evaluation_memory(queries, gallery, truth, options);
  if (run.stated_memory > options.memory)
    throw Error(ErrorCode::kDevice, "[eval] --mem must be at least " + format_bytes(run.stated_memory) +
                                        " for the results of " + std::to_string(queries.rows) + " queries, given " +
                                        format_bytes(options.memory));
  log_info("evaluating {} queries against {} items: at most {} above the vectors (--mem {})", queries.rows,
           gallery.rows, format_bytes(run.stated_memory), format_bytes(options.memory));
  MemoryWatch memory;
  Progress progress("evaluate", queries.rows, "queries");
  int64_t done_before = 0;
  run.result = evaluate_retrieval(queries, gallery, truth, options, [&](int64_t done) {
    memory.look();
    progress.add(done - done_before);
    done_before = done;
  });
  progress.finish();
  run.measured_memory = memory.growth();
}

EvaluationRun open_folders(const fs::path& queries, const fs::path& gallery) {
  EvaluationRun run;
  run.same_set = same_folder(queries, gallery);
  run.queries = Embeddings::open(queries);
  run.gallery = run.same_set ? run.queries : Embeddings::open(gallery);
  if (!run.same_set) check_same_model(run.queries, run.gallery);
  require_fair_whitening(run.queries);
  return run;
}

const EmbeddedItem& EvaluationRun::query_item(int64_t row) const {
  return queries.items()[static_cast<size_t>(query_rows.empty() ? row : query_rows[static_cast<size_t>(row)])];
}

const EmbeddedItem& EvaluationRun::gallery_item(int64_t row) const {
  return gallery.items()[static_cast<size_t>(gallery_rows.empty() ? row : gallery_rows[static_cast<size_t>(row)])];
}

EvaluationRun evaluate_folders(const fs::path& queries, const fs::path& gallery, const RetrievalOptions& options) {
  EvaluationRun run = open_folders(queries, gallery);
  LabelTable table;
  run.query_set = table.read(run.queries);
  run.gallery_set = run.same_set ? run.query_set : table.read(run.gallery);
  run.label_names = std::move(table.names);
  if (run.label_names.empty())
    throw Error(ErrorCode::kData, "[eval] labels are required, but no row of " + (queries / "items.csv").string() +
                                      " has one (embed with --label COLUMN)");
  RetrievalOptions wanted = options;
  wanted.same_set = run.same_set;
  const VectorSet query_view = view(run.queries, run.query_set), gallery_view = view(run.gallery, run.gallery_set);
  measure(run, query_view, gallery_view, LabelTruth(query_view, gallery_view, run.same_set, wanted.masks), wanted);
  if (run.result.queries.empty())
    throw Error(ErrorCode::kData,
                "[eval] no query has a relevant gallery item: the label names of the two sides do not meet");
  return run;
}

nlohmann::ordered_json evaluation_document(const EvaluationRun& run) {
  nlohmann::ordered_json j;
  j["metrics"] = run.result.metrics;
  for (const auto& [name, interval] : run.result.intervals) j["intervals"][name] = {interval.low, interval.high};
  j["queries"] = run.result.queries.size();
  j["excluded_queries"] = run.result.excluded;
  j["gallery"] = run.gallery_set.labels.size();
  j["self_match"] = run.same_set ? "removed by id" : "none (two sets)";
  if (run.result.whole) {
    j["queries_with_ties"] = run.result.ties;
    j["mean_positive_score"] = run.result.mean_positive;
    j["mean_negative_score"] = run.result.mean_negative;
  }
  j["model_digest"] = run.queries.info().model_digest;
  j["seconds"] = run.result.seconds;
  j["memory_stated_bytes"] = run.stated_memory;
  j["memory_measured_bytes"] = run.measured_memory;
  j["peak_rss_bytes"] = peak_rss_bytes();
  return j;
}

std::string evaluation_json(const EvaluationRun& run) { return evaluation_document(run).dump(2); }

void write_query_csv(const fs::path& file, const EvaluationRun& run, const std::vector<int64_t>& ks) {
  AtomicFile out(file);
  std::vector<std::string> header = {"id",        "path",         "label", "relevant",    "first_rank",
                                     "ap.finite", "ap.trapezoid", "map@r", "r_precision", "mrr"};
  for (const int64_t k : ks) header.push_back("recall@" + std::to_string(k));
  for (const int64_t k : ks) header.push_back("precision@" + std::to_string(k));
  header.insert(header.end(), {"best_hit_id", "best_hit_path", "best_hit_label", "best_hit_score"});
  out.write(csv_line(header));
  for (const auto& q : run.result.queries) {
    const auto& item = run.query_item(q.query_row);
    std::vector<std::string> row = {std::to_string(item.id), item.path, item.label, std::to_string(q.relevant),
                                    std::to_string(q.first_rank)};
    for (const double v : {q.ap_finite, q.ap_trapezoid, q.map_at_r, q.r_precision, q.mrr})
      row.push_back(format_number(v, 6));
    for (const double v : q.hit_at) row.push_back(format_number(v, 6));
    for (const double v : q.precision_at) row.push_back(format_number(v, 6));
    if (q.top.empty()) {
      row.insert(row.end(), 4, "");
    } else {
      const auto& best = run.gallery_item(q.top[0].gallery_row);
      row.insert(row.end(), {std::to_string(best.id), best.path, best.label, format_number(q.top[0].score, 6)});
    }
    out.write(csv_line(row));
  }
  out.commit();
}

}  // namespace winnow
