#include "src/workflow/ablation.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "retrieval/postprocess/expansion.h"
#include "retrieval/postprocess/rerank.h"
#include "retrieval/postprocess/whitening_file.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/tables.h"

namespace winnow {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Unit vectors of both sides with labels as numbers.
struct Sides {
  int64_t dim = 0;
  std::vector<float> queries, gallery;
  std::vector<int64_t> query_labels, gallery_labels;  ///< negative = none
  std::vector<int64_t> own_row;                       ///< of each query in the gallery, or -1
  int64_t count() const { return static_cast<int64_t>(query_labels.size()); }
};

Sides sides_of(const Embeddings& queries, const Embeddings& gallery, bool same_set) {
  if (queries.dim() != gallery.dim() || queries.info().model_digest != gallery.info().model_digest)
    throw Error(ErrorCode::kMismatch, "[ablate] queries and gallery must come from the same model");
  Sides s;
  s.dim = queries.dim();
  s.queries = unit_rows(queries);
  s.gallery = unit_rows(gallery);
  std::unordered_map<std::string, int64_t> numbers;
  const auto labels = [&](const Embeddings& e) {
    std::vector<int64_t> out;
    for (const auto& item : e.items())
      out.push_back(item.label.empty() ? -1 : numbers.emplace(item.label, int64_t(numbers.size())).first->second);
    return out;
  };
  s.query_labels = labels(queries);
  s.gallery_labels = labels(gallery);
  for (int64_t q = 0; q < s.count(); ++q) s.own_row.push_back(same_set ? q : -1);
  if (numbers.empty()) throw Error(ErrorCode::kData, "[ablate] labels are required, no item has one");
  return s;
}

/// recall@1 and MAP@R from rows of scores.
class Meter {
 public:
  explicit Meter(const Sides& sides) : sides_(sides) {}

  void add(int64_t query, std::span<const float> scores) {
    const int64_t label = sides_.query_labels[size_t(query)], own = sides_.own_row[size_t(query)];
    int64_t relevant = 0;
    std::vector<int64_t> order;
    for (int64_t g = 0; g < int64_t(scores.size()); ++g) {
      if (g == own) continue;
      order.push_back(g);
      relevant += label >= 0 && sides_.gallery_labels[size_t(g)] == label;
    }
    if (relevant == 0) return;
    std::partial_sort(order.begin(), order.begin() + relevant, order.end(), [&](int64_t a, int64_t b) {
      return scores[size_t(a)] != scores[size_t(b)] ? scores[size_t(a)] > scores[size_t(b)] : a < b;
    });
    double precision = 0;
    int64_t hits = 0;
    for (int64_t rank = 0; rank < relevant; ++rank) {
      if (sides_.gallery_labels[size_t(order[size_t(rank)])] != label) continue;
      ++hits;
      precision += double(hits) / double(rank + 1);
      first_ += rank == 0;
    }
    map_ += precision / double(relevant);
    ++queries_;
  }
  void finish(AblationStep& step) const {
    if (queries_ == 0) throw Error(ErrorCode::kData, "[ablate] no query has a relevant gallery item");
    step.recall_at_1 = double(first_) / double(queries_);
    step.map_at_r = map_ / double(queries_);
  }

 private:
  const Sides& sides_;
  int64_t queries_ = 0, first_ = 0;
  double map_ = 0;
};

void score_plainly(const Sides& s, Meter& meter) {
  const auto rows = int64_t(s.gallery_labels.size());
  std::vector<float> scores(static_cast<size_t>(rows));
  for (int64_t q = 0; q < s.count(); ++q) {
    parallel_for(
        rows,
        [&](int64_t begin, int64_t end) {
          for (int64_t g = begin; g < end; ++g) {
            double sum = 0;
            for (int64_t d = 0; d < s.dim; ++d)
              sum += double(s.queries[size_t(q * s.dim + d)]) * double(s.gallery[size_t(g * s.dim + d)]);
            scores[size_t(g)] = float(sum);
          }
        },
        0, 4096);
    meter.add(q, scores);
  }
}

class Ablation {
 public:
  Ablation(const fs::path& queries, const fs::path& gallery, const AblationOptions& options,
           const std::function<void(const std::string&)>& on_step)
      : options_(options), on_step_(on_step), queries_(Embeddings::open(queries)) {
    std::error_code ignored;
    same_set_ = gallery.empty() || fs::equivalent(queries, gallery, ignored);
    gallery_ = same_set_ ? queries_ : Embeddings::open(gallery);
  }

  std::vector<AblationStep> run() {
    const Sides plain = sides_of(queries_, gallery_, same_set_);
    measure("plain", "", plain, 0);
    for (const auto& v : options_.variants) {
      const auto q = Embeddings::open(v.queries), g = same_set_ ? q : Embeddings::open(v.gallery);
      measure(v.name, "embedded another way", sides_of(q, g, same_set_), 0);
    }
    expansions("", plain);
    reranking("", plain);
    if (!can_whiten()) return steps_;
    Sides best = plain;
    double best_map = -1;
    for (const std::string kind : {"pca", "pairs"}) {
      Sides white = whitened(kind, plain);
      if (steps_.back().map_at_r > best_map) {
        best_map = steps_.back().map_at_r;
        best = std::move(white);
        best_kind_ = kind;
      }
    }
    expansions("whitening (" + best_kind_ + ") + ", best);
    reranking("whitening (" + best_kind_ + ") + ", best);
    return steps_;
  }

 private:
  void measure(const std::string& name, const std::string& note, const Sides& sides, double prepare,
               double query_seconds = 0, bool transductive = false) {
    if (on_step_) on_step_(name);
    AblationStep step{name, note};
    Meter meter(sides);
    score_plainly(sides, meter);
    meter.finish(step);
    keep(step, prepare, query_seconds, transductive);
  }
  void keep(AblationStep& step, double prepare, double query_seconds, bool transductive) {
    step.prepare_seconds = prepare;
    step.micros_per_query = query_seconds * 1e6 / double(queries_.rows());
    step.transductive = transductive;
    step.gain_map = steps_.empty() ? 0 : step.map_at_r - steps_.front().map_at_r;
    steps_.push_back(step);
  }

  /// With queries inside their own gallery a query must not be its own neighbour: expansion would let it in.
  void expansions(const std::string& before, const Sides& sides) {
    if (same_set_) return;
    const ExpansionOptions options{options_.expand, 3, 1};
    Sides expanded = sides;
    auto start = Clock::now();
    expanded.queries = expand_queries(sides.queries, sides.gallery, sides.dim, options);
    measure(before + "alpha-QE", "k " + std::to_string(options.k) + ", alpha 3", expanded, 0, since(start), true);
    Sides augmented = sides;
    start = Clock::now();
    augmented.gallery = augment_database(sides.gallery, sides.dim, options);
    measure(before + "DBA", "k " + std::to_string(options.k) + ", alpha 3", augmented, since(start), 0, true);
  }

  void reranking(const std::string& before, const Sides& sides) {
    if (same_set_) return;
    for (const std::string method : {"k-reciprocal", "diffusion", "superglobal"}) {
      if (on_step_) on_step_(before + method);
      AblationStep step{before + method, "defaults"};
      Meter meter(sides);
      const auto start = Clock::now();
      rerank(method, {sides.queries, sides.gallery, sides.dim},
             [&](int64_t q, std::span<const float> scores) { meter.add(q, scores); });
      const double seconds = since(start);
      meter.finish(step);
      keep(step, 0, seconds, true);
    }
  }

  bool can_whiten() const {
    return gallery_.info().whitening_digest.empty() && (!options_.whitening_from.empty() || !same_set_);
  }

  Sides whitened(const std::string& kind, const Sides& sides) {
    const Embeddings learn = options_.whitening_from.empty() ? gallery_ : Embeddings::open(options_.whitening_from);
    auto start = Clock::now();
    const Whitening w = learn_whitening(learn, kind, options_.whitening_dim);
    w.require_made_for(queries_.info().model_digest, queries_.dim());
    w.require_not_learned_on(queries_);
    Sides white = sides;
    white.dim = w.out;
    white.gallery = w.apply(sides.gallery);
    const double prepare = since(start);
    start = Clock::now();
    white.queries = w.apply(sides.queries);
    measure("whitening (" + kind + ")",
            std::to_string(w.out) + " dimensions, learned on " + learn.folder().filename().string(), white, prepare,
            since(start));
    return white;
  }

  AblationOptions options_;
  std::function<void(const std::string&)> on_step_;
  Embeddings queries_, gallery_;
  bool same_set_ = false;
  std::string best_kind_;
  std::vector<AblationStep> steps_;
};

}  // namespace

std::vector<AblationStep> ablate(const fs::path& queries, const fs::path& gallery, const AblationOptions& options,
                                 const std::function<void(const std::string&)>& on_step) {
  return Ablation(queries, gallery, options, on_step).run();
}

std::string ablation_text(const std::vector<AblationStep>& steps) {
  Table table({"step", "recall@1", "map@r", "gain", "us a query", "prepare s", "", "note"});
  for (const auto& s : steps)
    table.add({s.name, format_number(s.recall_at_1, 4), format_number(s.map_at_r, 4), format_number(s.gain_map, 4),
               format_number(s.micros_per_query, 0), format_number(s.prepare_seconds, 2),
               s.transductive ? "transductive" : "", s.note});
  return table.text();
}

std::string ablation_json(const std::vector<AblationStep>& steps) {
  nlohmann::ordered_json j = {{"ablation", nlohmann::ordered_json::array()}};
  for (const auto& s : steps)
    j["ablation"].push_back({{"step", s.name},
                             {"recall@1", s.recall_at_1},
                             {"map@r", s.map_at_r},
                             {"gain_map@r", s.gain_map},
                             {"micros_per_query", s.micros_per_query},
                             {"prepare_seconds", s.prepare_seconds},
                             {"transductive", s.transductive},
                             {"note", s.note}});
  return j.dump(2);
}

}  // namespace winnow
