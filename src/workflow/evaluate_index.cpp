#include "src/workflow/evaluate_index.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "src/core/error.h"
#include "src/core/progress.h"
#include "src/core/random.h"
#include "src/core/tables.h"
#include "src/evaluation/bootstrap.h"
#include "src/evaluation/metric_variant.h"
#include "src/workflow/eval_text.h"

namespace winnow {
namespace {

using Hits = std::vector<std::vector<Hit>>;

std::vector<MetricVariant> variants_of(const IndexEvaluationOptions& options) {
  auto names = options.metrics;
  if (names.empty())
    for (const char* suffix : {"recall@", "precision@", "map@"})
      for (const int64_t k : options.ks)
        names.push_back(suffix + std::to_string(k) + (std::string(suffix) == "map@" ? ".gldv2" : ""));
  return parse_metrics(names);
}

class IndexScorer {
 public:
  IndexScorer(const fs::path& queries, const fs::path& folder, const IndexEvaluationOptions& options)
      : queries_(Embeddings::open(queries)),
        index_(Index::open(folder)),
        options_(options),
        variants_(variants_of(options)) {
    const auto& info = index_->info();
    if (info.model_digest != queries_.info().model_digest || info.dim != queries_.dim() ||
        info.preprocessing_digest != queries_.info().preprocessing_digest)
      throw Error(ErrorCode::kMismatch, "[eval] queries and index must come from the same model and recipe, but " +
                                            queries.string() + " and " + folder.string() + " do not");
    out_.index = info;
    out_.candidates = std::min(options.candidates, index_->size());
    read_labels();
  }

  IndexEvaluation run() {
    collect_queries();
    draw_sample();
    Progress progress("search", static_cast<int64_t>(rows_.size()), "queries");
    constexpr size_t kBatch = 256;
    for (size_t at = 0; at < rows_.size(); at += kBatch) {
      const auto batch = std::span(rows_).subspan(at, std::min(kBatch, rows_.size() - at));
      const auto begin = std::chrono::steady_clock::now();
      const Hits hits = search(batch, false);
      out_.search_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      for (size_t i = 0; i < batch.size(); ++i) score(batch[i], hits[i]);
      compare_with_exact(batch, hits);
      progress.add(static_cast<int64_t>(batch.size()));
    }
    progress.finish();
    summarise();
    return out_;
  }

 private:
  void read_labels() {
    std::unordered_set<int64_t> queries_by_id;
    for (const auto& item : queries_.items()) queries_by_id.insert(item.id);
    for (const int64_t id : index_->ids()) {
      auto item = index_->item(id);
      if (!item.label.empty()) ids_of_[item.label].push_back(id);
      if (queries_by_id.contains(id)) found_.emplace(id, std::move(item));
    }
    size_t most = 0;
    for (const auto& [label, ids] : ids_of_) most = std::max(most, ids.size());
    for (const auto& variant : variants_) {
      const int64_t depth = variant.depth(static_cast<int64_t>(most));
      if (depth < 0 || depth > options_.candidates)
        throw Error(ErrorCode::kUsage,
                    "[eval] " + variant.name + " looks at " +
                        (depth < 0 ? "the whole ranking" : "up to " + std::to_string(depth) + " hits") +
                        ", but --candidates is " + std::to_string(options_.candidates));
    }
  }

  void collect_queries() {
    const auto& items = queries_.items();
    for (int64_t row = 0; row < queries_.rows(); ++row) {
      const auto& item = items[static_cast<size_t>(row)];
      const auto own = found_.find(item.id);
      const bool self = own != found_.end() && own->second.path == item.path;
      out_.self_left_out = out_.self_left_out || self;
      const auto found = ids_of_.find(item.label);
      const size_t relevant = found == ids_of_.end() ? 0 : found->second.size();
      // The query itself is in its label's list when it is an item.
      if (relevant > (self && own->second.label == item.label ? 1u : 0u)) {
        rows_.push_back(row);
        self_.push_back(self);
      } else {
        ++out_.excluded;
      }
    }
    out_.queries = static_cast<int64_t>(rows_.size());
    if (rows_.empty())
      throw Error(ErrorCode::kData,
                  "[eval] no query has an item of its label in the index: the label names of the two "
                  "sides do not meet");
  }

  bool self_of(int64_t row) const {
    return self_[static_cast<size_t>(std::lower_bound(rows_.begin(), rows_.end(), row) - rows_.begin())];
  }

  /// One hit more than needed, as the query itself may be among them.
  Hits search(std::span<const int64_t> rows, bool exact) const {
    std::vector<float> vectors;
    for (const int64_t row : rows) {
      const auto v = queries_.vector(row);
      vectors.insert(vectors.end(), v.begin(), v.end());
    }
    SearchOptions search;
    search.k = out_.candidates + (out_.self_left_out ? 1 : 0);
    search.exact = exact;
    Hits hits = index_->search(vectors, search);
    for (size_t i = 0; i < rows.size(); ++i) {
      const int64_t id = queries_.items()[static_cast<size_t>(rows[i])].id;
      if (self_of(rows[i])) std::erase_if(hits[i], [&](const Hit& hit) { return hit.id == id; });
      if (static_cast<int64_t>(hits[i].size()) > out_.candidates) hits[i].resize(static_cast<size_t>(out_.candidates));
    }
    return hits;
  }

  void score(int64_t row, const std::vector<Hit>& hits) {
    const auto& item = queries_.items()[static_cast<size_t>(row)];
    std::vector<int64_t> predicted, self;
    for (const Hit& hit : hits) predicted.push_back(hit.id);
    if (self_of(row)) self.push_back(item.id);
    const RankedList list = rank_predictions(predicted, ids_of_.at(item.label), self);
    for (const auto& variant : variants_) values_.push_back(variant.value(list, TieRule::kId));
  }

  void summarise() {
    const auto columns = static_cast<int64_t>(variants_.size());
    const auto intervals = options_.bootstrap > 0 ? bootstrap_means(values_, columns, options_.bootstrap, options_.seed)
                                                  : std::vector<Interval>{};
    for (size_t c = 0; c < variants_.size(); ++c) {
      double sum = 0;
      for (size_t i = c; i < values_.size(); i += variants_.size()) sum += values_[i];
      out_.metrics[variants_[c].name] = sum / static_cast<double>(out_.queries);
      if (!intervals.empty()) out_.intervals[variants_[c].name] = intervals[c];
    }
    if (sample_.empty()) return;
    out_.recall = exact_ == 0 ? 1 : static_cast<double>(same_) / static_cast<double>(exact_);
    out_.first_right = static_cast<double>(first_) / static_cast<double>(sample_.size());
  }

  void draw_sample() {
    sample_ = rows_;
    Random random(options_.seed, "index-evaluation");
    random.shuffle(sample_);
    sample_.resize(std::min(sample_.size(), static_cast<size_t>(options_.sample)));
    std::sort(sample_.begin(), sample_.end());
    out_.sample = static_cast<int64_t>(sample_.size());
  }

  /// Holds the hits of a batch against an exact search of those of its rows that are in the sample.
  void compare_with_exact(std::span<const int64_t> batch, const Hits& hits) {
    const auto begin = std::lower_bound(sample_.begin(), sample_.end(), batch.front());
    const auto end = std::upper_bound(begin, sample_.end(), batch.back());
    if (begin == end) return;
    const std::span<const int64_t> rows(begin, end);
    const Hits exact = search(rows, true);
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto place = std::lower_bound(batch.begin(), batch.end(), rows[i]) - batch.begin();
      compare(hits[static_cast<size_t>(place)], exact[i]);
    }
  }

  void compare(const std::vector<Hit>& found, const std::vector<Hit>& exact) {
    std::unordered_set<int64_t> ids;
    for (const Hit& hit : found) ids.insert(hit.id);
    for (const Hit& hit : exact) same_ += ids.contains(hit.id) ? 1 : 0;
    exact_ += static_cast<int64_t>(exact.size());
    first_ += !exact.empty() && !found.empty() && found[0].score >= exact[0].score ? 1 : 0;
  }

  Embeddings queries_;
  std::unique_ptr<Index> index_;
  const IndexEvaluationOptions& options_;
  const std::vector<MetricVariant> variants_;
  std::unordered_map<std::string, std::vector<int64_t>> ids_of_;
  std::unordered_map<int64_t, IndexItem> found_;  ///< items of the index with the id of a query
  std::vector<int64_t> rows_;                     ///< queries that count, ascending
  std::vector<bool> self_;                        ///< [rows_]
  std::vector<double> values_;
  std::vector<int64_t> sample_;               ///< rows that are searched exactly too, ascending
  int64_t same_ = 0, exact_ = 0, first_ = 0;  ///< over the sample: exact hits returned, all of them, best hits equal
  IndexEvaluation out_;
};

}  // namespace

IndexEvaluation evaluate_index(const fs::path& queries, const fs::path& index, const IndexEvaluationOptions& options) {
  return IndexScorer(queries, index, options).run();
}

std::string index_evaluation_text(const IndexEvaluation& run) {
  Table table({"metric", "value", "95 % interval"});
  for (const auto& [name, value] : run.metrics)
    table.add({name, format_number(value, 4), interval_text(run.intervals, name)});
  return table.text() + std::to_string(run.queries) + " queries (" + std::to_string(run.excluded) +
         " without a relevant item), " + std::to_string(run.candidates) + " candidates each from " + run.index.factory +
         " over " + std::to_string(run.index.live) + " items, self-match " +
         (run.self_left_out ? "left out" : "not possible") + ", " + format_number(run.search_seconds, 2) +
         " s of search\nnot an exact evaluation: of the exact best " + std::to_string(run.candidates) +
         " the index returns " + format_number(run.recall, 4) + ", and the exact first in " +
         format_number(run.first_right, 4) + " of " + std::to_string(run.sample) + " sampled queries\n";
}

std::string index_evaluation_json(const IndexEvaluation& run) {
  nlohmann::ordered_json j;
  j["metrics"] = run.metrics;
  for (const auto& [name, interval] : run.intervals) j["intervals"][name] = {interval.low, interval.high};
  j["queries"] = run.queries;
  j["excluded_queries"] = run.excluded;
  j["exact"] = false;
  j["index"] = {{"factory", run.index.factory}, {"generation", run.index.generation}, {"items", run.index.live}};
  j["candidates"] = run.candidates;
  j["candidate_recall"] = run.recall;
  j["first_exact"] = run.first_right;
  j["sampled_queries"] = run.sample;
  j["self_match"] = run.self_left_out ? "left out" : "not possible";
  j["search_seconds"] = run.search_seconds;
  return j.dump(2);
}

}  // namespace winnow
