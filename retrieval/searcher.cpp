#include "retrieval/searcher.h"

#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>

#include <algorithm>
#include <numeric>

#include "retrieval/faiss_compat.h"
#include "retrieval/sealed_json.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

// Above the k wanted, so that rows with equal scores at the cut are seen and cut by id.
constexpr int64_t kSlack = 16;
// Compressed codes rank roughly: more candidates are re-scored from the vectors.
constexpr int64_t kLossyFactor = 4, kLossySlack = 64, kFineFactor = 2, kFineSlack = 24;
// With fewer allowed rows than this a scan is faster than any index, and exact.
constexpr int64_t kAlwaysScan = 4096;
// FAISS's keep-the-best structures get slow long before that share of all rows is asked for.
constexpr int64_t kLargestShare = 4;

/// Queries at once for so many candidates each: enough for FAISS's kernels, at most 48 MiB of candidates.
int64_t block_size(int64_t fetch) { return std::clamp<int64_t>((int64_t{4} << 20) / fetch, 1, 1024); }

/// Starts loading a row that is scored soon; the memory's own read-ahead follows in longer ones.
void prefetch(const float* row, int64_t dim) {
  constexpr int64_t kLine = 16, kMost = 512;
  for (int64_t i = 0; i < std::min(dim, kMost); i += kLine) __builtin_prefetch(row + i);
}

void raise(std::atomic<int64_t>& most, int64_t value) {
  int64_t seen = most.load();
  while (value > seen && !most.compare_exchange_weak(seen, value)) {
  }
}

}  // namespace

Searcher::Searcher(const FaissIndex& index, const float* rows)
    : index_(index),
      rows_(rows),
      n_(index.size()),
      dim_(index.dim()),
      // Largest rounding error of a float sum of D products of unit vectors, in any order of additions.
      margin_(static_cast<float>(dim_) * 6e-8f + 1e-6f) {}

std::vector<std::vector<Scored>> Searcher::search(const float* unit, int64_t queries, int64_t k, const RowSet* allowed,
                                                  std::string* plan) const {
  std::vector<std::vector<Scored>> out(static_cast<size_t>(queries));
  const Job job{std::min(k, allowed ? allowed->count() : n_), allowed, queries == 1 ? thread_count() : 1};
  if (job.k == 0) {
    if (plan) *plan = "no row matches";
    return out;
  }
  if (better_scanned(queries, allowed)) {
    if (plan) *plan = "pre-filter: " + grouped(allowed->count()) + " of " + grouped(n_) + " rows, exact";
    return scan(unit, queries, k, allowed);
  }
  if (index_.exhaustive) {
    search_flat(unit, job, out);
  } else {
    parallel_for(queries, [&](int64_t begin, int64_t end) {
      const faiss_compat::OmpThreads one(1);
      const int64_t block = block_size(first_fetch(job));
      for (int64_t q = begin; q < end; q += block) {
        search_block(unit + q * dim_, std::min(block, end - q), job, &out[static_cast<size_t>(q)]);
      }
    });
  }
  if (plan) *plan = describe(job, queries);
  return out;
}

std::vector<std::vector<Scored>> Searcher::scan(const float* unit, int64_t queries, int64_t k,
                                                const RowSet* allowed) const {
  std::vector<std::vector<Scored>> out(static_cast<size_t>(queries));
  const Job job{std::min(k, allowed ? allowed->count() : n_), allowed, queries == 1 ? thread_count() : 1};
  parallel_for(queries, [&](int64_t begin, int64_t end) {
    for (int64_t q = begin; q < end; ++q) out[static_cast<size_t>(q)] = scan_one(unit + q * dim_, job);
  });
  return out;
}

/// For approximate indexes the choice must not depend on the batch, or a query's hits would.
bool Searcher::better_scanned(int64_t queries, const RowSet* allowed) const {
  if (!allowed) return false;
  if (index_.exhaustive) return queries < 16 || allowed->count() * 8 <= n_;
  return allowed->count() <= std::max(kAlwaysScan, n_ / 10);
}

int64_t Searcher::first_fetch(const Job& job) const {
  int64_t fetch = kLossyFactor * job.k + kLossySlack;
  if (index_.exact_codes) fetch = job.k + kSlack;
  if (index_.fine_codes) fetch = kFineFactor * job.k + kFineSlack;
  if (!job.allowed || index_.selector != FaissIndex::Selector::kNone) return fetch;
  const double share = static_cast<double>(n_) / static_cast<double>(job.allowed->count());
  return static_cast<int64_t>(static_cast<double>(fetch) * share * 1.25);
}

Searcher::Refined Searcher::refine(const float* query, const int64_t* labels, const float* scores, int64_t fetch,
                                   const Job& job) const {
  TopK top(job.k);
  int64_t returned = 0, kept = 0;
  float last = 2;
  constexpr int64_t kAhead = 8;  // rows on their way: each is several cache misses in the mapped file
  for (int64_t i = 0; i < fetch; ++i) {
    if (i + kAhead < fetch && labels[i + kAhead] >= 0 && labels[i + kAhead] < n_) {
      prefetch(rows_ + labels[i + kAhead] * dim_, dim_);
    }
    const int64_t position = labels[i];
    if (position < 0 || position >= n_) continue;  // FAISS pads with -1
    ++returned;
    last = std::min(last, scores[i]);
    if (job.allowed && !job.allowed->contains(position)) continue;
    ++kept;
    top.push({exact_score(query, rows_ + position * dim_, dim_), position});
  }
  Refined refined{std::move(top).sorted(), false, returned < fetch};
  // With exact codes a row that FAISS did not return scores at most last + margin.
  refined.complete =
      kept >= job.k && (!index_.exact_codes || refined.exhausted || refined.top.back().score > last + margin_);
  return refined;
}

void Searcher::search_block(const float* queries, int64_t n, const Job& job, std::vector<Scored>* out) const {
  const int64_t fetch = first_fetch(job);
  if (fetch > n_ / kLargestShare) {
    for (int64_t q = 0; q < n; ++q) out[q] = scan_one(queries + q * dim_, job);
    return;
  }
  std::vector<float> scores(static_cast<size_t>(n * fetch));
  std::vector<int64_t> labels(scores.size());
  ask_faiss(queries, n, fetch, job, scores.data(), labels.data());
  raise(job.widest, fetch);
  for (int64_t q = 0; q < n; ++q) {
    const float* query = queries + q * dim_;
    auto refined =
        refine(query, &labels[static_cast<size_t>(q * fetch)], &scores[static_cast<size_t>(q * fetch)], fetch, job);
    if (refined.complete) {
      out[q] = std::move(refined.top);
    } else {
      out[q] = refined.exhausted ? scan_one(query, job) : search_one(query, fetch * 4, job);
    }
  }
}

/// Asks for more and more until the cut is certain. @param fetch  to begin with
std::vector<Scored> Searcher::search_one(const float* query, int64_t fetch, const Job& job) const {
  std::vector<float> scores;
  std::vector<int64_t> labels;
  for (; fetch <= n_ / kLargestShare; fetch *= 4) {
    scores.resize(static_cast<size_t>(fetch));
    labels.resize(static_cast<size_t>(fetch));
    ask_faiss(query, 1, fetch, job, scores.data(), labels.data());
    raise(job.widest, fetch);
    auto refined = refine(query, labels.data(), scores.data(), fetch, job);
    if (refined.complete) return std::move(refined.top);
    if (refined.exhausted) break;
  }
  return scan_one(query, job);
}

void Searcher::ask_faiss(const float* queries, int64_t n, int64_t fetch, const Job& job, float* scores,
                         int64_t* labels) const {
  try {
    if (!job.allowed || index_.selector == FaissIndex::Selector::kNone) {
      return index_.search(queries, n, fetch, nullptr, scores, labels);
    }
    const auto bits = job.allowed->bits();
    faiss::IDSelectorBitmap members(bits.size(), bits.data());
    if (index_.selector == FaissIndex::Selector::kIvf) {
      faiss::SearchParametersIVF parameters;
      parameters.nprobe = index_.ivf->nprobe;
      parameters.sel = &members;
      return index_.search(queries, n, fetch, &parameters, scores, labels);
    }
    // The graph is walked through refused rows too, so it must be walked further for as many allowed ones.
    const int64_t wider = index_.hnsw->hnsw.efSearch * n_ / job.allowed->count();
    faiss::SearchParametersHNSW parameters;
    parameters.efSearch = static_cast<int>(std::min<int64_t>(wider, 1 << 20));
    parameters.sel = &members;
    index_.search(queries, n, fetch, &parameters, scores, labels);
  } catch (const faiss::FaissException& e) {
    throw Error(ErrorCode::kInternal, "[index search] FAISS " + faiss_compat::version() + ": " + e.msg);
  }
}

void Searcher::search_flat(const float* unit, const Job& job, std::vector<std::vector<Scored>>& out) const {
  std::vector<int64_t> pending(out.size());
  std::iota(pending.begin(), pending.end(), 0);
  for (int64_t fetch = first_fetch(job); fetch <= n_ / kLargestShare && !pending.empty(); fetch *= 4) {
    raise(job.widest, fetch);
    pending = flat_round(unit, pending, fetch, job, out);
  }
  parallel_for(static_cast<int64_t>(pending.size()), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t q = pending[static_cast<size_t>(i)];
      out[static_cast<size_t>(q)] = scan_one(unit + q * dim_, job);
    }
  });
}

/// One batched search of the pending queries. @return those whose cut is not yet certain
std::vector<int64_t> Searcher::flat_round(const float* unit, const std::vector<int64_t>& pending, int64_t fetch,
                                          const Job& job, std::vector<std::vector<Scored>>& out) const {
  const auto total = static_cast<int64_t>(pending.size());
  const int64_t block = block_size(fetch);
  std::vector<float> queries, scores(static_cast<size_t>(std::min(block, total) * fetch));
  std::vector<int64_t> labels(scores.size());
  std::vector<char> certain(pending.size());
  for (int64_t at = 0; at < total; at += block) {
    const int64_t size = std::min(block, total - at);
    queries.clear();
    for (int64_t i = at; i < at + size; ++i) {
      const float* query = unit + pending[static_cast<size_t>(i)] * dim_;
      queries.insert(queries.end(), query, query + dim_);
    }
    {
      const faiss_compat::OmpThreads threads(thread_count());
      index_.index->search(size, queries.data(), fetch, scores.data(), labels.data());
    }
    parallel_for(
        size,
        [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            auto refined = refine(queries.data() + i * dim_, &labels[static_cast<size_t>(i * fetch)],
                                  &scores[static_cast<size_t>(i * fetch)], fetch, job);
            certain[static_cast<size_t>(at + i)] = refined.complete;
            if (refined.complete)
              out[static_cast<size_t>(pending[static_cast<size_t>(at + i)])] = std::move(refined.top);
          }
        },
        0, 32);
  }
  std::vector<int64_t> left;
  for (size_t i = 0; i < pending.size(); ++i) {
    if (!certain[i]) left.push_back(pending[i]);
  }
  return left;
}

std::vector<Scored> Searcher::scan_one(const float* query, const Job& job) const {
  ++job.scanned;
  return exact_scan(query, rows_, n_, dim_, job.k, job.allowed, job.threads_per_query);
}

std::string Searcher::describe(const Job& job, int64_t queries) const {
  if (!job.allowed) return {};
  const std::string rows = grouped(job.allowed->count()) + " of " + grouped(n_) + " rows";
  std::string text = "index filter: " + rows;
  if (index_.selector == FaissIndex::Selector::kNone) {
    text = "over-fetch x" + std::to_string((job.widest + job.k - 1) / job.k) + ": " + rows;
  }
  if (job.scanned == 0) return text;
  if (job.scanned == queries) return "exact: " + rows;
  return text + ", exact for " + grouped(job.scanned) + " of " + grouped(queries) + " queries";
}

}  // namespace winnow
