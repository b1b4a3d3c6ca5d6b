#include "retrieval/faiss_index.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/IndexIVFPQFastScan.h>
#include <faiss/IndexPQ.h>
#include <faiss/IndexPQFastScan.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/IndexRefine.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/index_factory.h>

#include <algorithm>
#include <typeinfo>

#include "retrieval/faiss_compat.h"
#include "retrieval/faiss_lapack.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "src/core/random.h"

namespace winnow {
namespace {

bool is_exactly(const faiss::Index& index, const std::type_info& type) { return typeid(index) == type; }

const faiss::IndexFlat* as_flat(const faiss::Index* index) {
  if (!index || !(is_exactly(*index, typeid(faiss::IndexFlat)) || is_exactly(*index, typeid(faiss::IndexFlatIP)))) {
    return nullptr;
  }
  return static_cast<const faiss::IndexFlat*>(index);
}

bool has_byte_codes(const faiss::Index* index) {
  const auto* lists = dynamic_cast<const faiss::IndexIVFScalarQuantizer*>(index);
  const auto* whole = dynamic_cast<const faiss::IndexScalarQuantizer*>(index);
  constexpr auto kByte = faiss::ScalarQuantizer::QT_8bit;
  return (lists && lists->sq.qtype == kByte) || (whole && whole->sq.qtype == kByte);
}

faiss::Index* innermost(faiss::Index* index) {
  for (;;) {
    if (auto* transform = dynamic_cast<faiss::IndexPreTransform*>(index)) {
      index = transform->index;
    } else if (auto* refine = dynamic_cast<faiss::IndexRefine*>(index)) {
      index = refine->base_index;
    } else {
      return index;
    }
  }
}

void prepare_training(FaissIndex& out, uint64_t seed) {
  const int small = static_cast<int>(seed & 0x7fffffff);
  // FAISS's own warning about few points goes to stderr without saying which index; plan_index chooses sane sizes.
  const auto set = [&](faiss::ClusteringParameters& parameters) {
    parameters.seed = small;
    parameters.min_points_per_centroid = 1;
  };
  faiss::Index* inner = innermost(out.index.get());
  if (out.ivf) set(out.ivf->cp);
  // Polysemous training takes minutes and only serves a search mode that we do not use.
  if (auto* pq = dynamic_cast<faiss::IndexIVFPQ*>(inner)) {
    set(pq->pq.cp);
    pq->do_polysemous_training = false;
  }
  if (auto* pq = dynamic_cast<faiss::IndexPQ*>(inner)) {
    set(pq->pq.cp);
    pq->do_polysemous_training = false;
  }
  if (auto* pq = dynamic_cast<faiss::IndexIVFPQFastScan*>(inner)) set(pq->pq.cp);
  if (auto* pq = dynamic_cast<faiss::IndexPQFastScan*>(inner)) set(pq->pq.cp);
  if (out.hnsw) out.hnsw->hnsw.rng = faiss::RandomGenerator(small);
}

[[noreturn]] void refuse_factory(const std::string& factory, const std::string& why) {
  throw Error(ErrorCode::kConfig, "[index type] a factory string that FAISS " + faiss_compat::version() +
                                      " knows is required (flat, ivf, ivfpq, ivfsq8, hnsw or e.g. 'IVF256,PQ16x8np'), "
                                      "got '" +
                                      factory + "': " + why);
}

/// A number of nothing but zeros.
bool holds_a_zero(const std::string& text) {
  constexpr const char* kDigits = "0123456789";
  for (size_t at = text.find_first_of(kDigits); at != std::string::npos; at = text.find_first_of(kDigits, at)) {
    const size_t end = std::min(text.find_first_not_of(kDigits, at), text.size());
    if (text.find_first_not_of('0', at) >= end) return true;
    at = end;
  }
  return false;
}

/// Strings that make FAISS divide by zero, abort or keep ids of its own.
void check_factory_text(const std::string& factory) {
  if (factory.empty() || factory.size() > 200)
    refuse_factory(factory.substr(0, 200), "1 to 200 characters are required");
  if (factory.find("IDMap") != std::string::npos) {
    refuse_factory(factory, "winnow keeps the ids itself; leave out 'IDMap'");
  }
  if (factory.find("(Index") != std::string::npos) refuse_factory(factory, "'(IndexN)' is not a name of an index");
  if (holds_a_zero(factory)) refuse_factory(factory, "a size of 0 is not allowed");
}

/// Runs a FAISS call and turns what it throws into our Error.
template <typename Call>
void guarded(const std::string& factory, Call&& call) {
  try {
    call();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kDevice, "[index type] not enough memory for '" + factory + "'");
  } catch (const std::exception& e) {
    refuse_factory(factory, faiss_compat::reason(e));
  }
}

/// Small k-means runs are thousands of short parallel regions, which cost more than they give, most of all on a machine
/// with other work to do.
int training_threads(int64_t values) {
  constexpr int64_t kWorthThreads = int64_t{1} << 20;
  return values < kWorthThreads ? 1 : thread_count();
}

int64_t training_rows(const FaissIndex& index) {
  const int64_t lists = index.ivf ? static_cast<int64_t>(index.ivf->nlist) : 1;
  return std::max<int64_t>(int64_t{1} << 16, lists * 64);
}

std::vector<float> sample_rows(const float* rows, int64_t n, int64_t dim, int64_t take, uint64_t seed) {
  // Selection sampling: each subset is equally likely and the rows stay in file order.
  Random random(seed, "index.train");
  std::vector<float> sample;
  sample.reserve(static_cast<size_t>(take * dim));
  for (int64_t row = 0, left = take; row < n && left > 0; ++row) {
    if (random.below(static_cast<uint64_t>(n - row)) >= static_cast<uint64_t>(left)) continue;
    sample.insert(sample.end(), rows + row * dim, rows + (row + 1) * dim);
    --left;
  }
  return sample;
}

}  // namespace

FaissIndex::FaissIndex() {
  link_lapack_bridge();
  faiss_compat::use_blas_early();
}
FaissIndex::FaissIndex(FaissIndex&&) noexcept = default;
FaissIndex& FaissIndex::operator=(FaissIndex&&) noexcept = default;
FaissIndex::~FaissIndex() = default;

// Selectors only where 1.7.3 was seen to honour them.
void FaissIndex::inspect() {
  faiss::Index* top = index.get();
  faiss::Index* inner = innermost(top);
  ivf = dynamic_cast<faiss::IndexIVF*>(inner);
  hnsw = dynamic_cast<faiss::IndexHNSW*>(inner);
  const auto* chain = dynamic_cast<const faiss::IndexPreTransform*>(top);
  batch = batch_of(chain ? *chain->index : *top);
  fine_codes = has_byte_codes(inner);
  if (const auto* whole = as_flat(top)) {
    flat = whole->get_xb();
    exhaustive = exact_codes = true;
  } else if (is_exactly(*top, typeid(faiss::IndexHNSWFlat))) {
    selector = Selector::kHnsw;
    if (const auto* stored = as_flat(hnsw->storage)) {
      flat = stored->get_xb();
      exact_codes = true;
    }
  } else if (is_exactly(*top, typeid(faiss::IndexIVFFlat))) {
    selector = Selector::kIvf;
    exact_codes = true;
  } else if (is_exactly(*top, typeid(faiss::IndexIVFPQ)) || is_exactly(*top, typeid(faiss::IndexIVFScalarQuantizer))) {
    selector = Selector::kIvf;
  }
}

int64_t FaissIndex::size() const { return index->ntotal; }
int64_t FaissIndex::dim() const { return index->d; }
int64_t FaissIndex::ivf_lists() const { return ivf ? static_cast<int64_t>(ivf->nlist) : 0; }

void FaissIndex::set_probe(int64_t probe) {
  if (probe < 1) return;
  if (ivf) ivf->nprobe = std::min(static_cast<size_t>(probe), ivf->nlist);
  if (hnsw) hnsw->hnsw.efSearch = static_cast<int>(std::min<int64_t>(probe, 1 << 20));
}

FaissIndex make_faiss_index(const std::string& factory, int64_t dim, int64_t count, uint64_t seed) {
  check_factory_text(factory);
  FaissIndex out;
  guarded(factory, [&] {
    // Hash codes are compared by their Hamming distance, which FAISS files under L2; it only picks the candidates.
    const auto metric = factory.find("LSH") == std::string::npos ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2;
    out.index.reset(faiss::index_factory(static_cast<int>(dim), factory.c_str(), metric));
  });
  out.inspect();
  if (out.ivf && static_cast<int64_t>(out.ivf->nlist) > count) {
    refuse_factory(
        factory, std::to_string(out.ivf->nlist) + " lists need at least as many vectors, got " + std::to_string(count));
  }
  if (out.hnsw && count > INT32_MAX) refuse_factory(factory, "HNSW holds at most 2,147,483,647 vectors");
  prepare_training(out, seed);
  return out;
}

void train_faiss_index(FaissIndex& index, const std::string& factory, const float* rows, int64_t n, uint64_t seed) {
  if (index.index->is_trained) return;
  const int64_t take = std::min(n, training_rows(index));
  const faiss_compat::OmpThreads threads(training_threads(take * index.dim()));
  guarded(factory, [&] {
    if (take == n) {
      index.index->train(n, rows);
    } else {
      index.index->train(take, sample_rows(rows, n, index.dim(), take, seed).data());
    }
  });
}

void add_to_faiss_index(FaissIndex& index, const std::string& factory, const float* rows, int64_t n, int threads) {
  constexpr int64_t kBlock = 16384;
  const faiss_compat::OmpThreads scope(threads > 0 ? threads : thread_count());
  for (int64_t at = 0; at < n; at += kBlock) {
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "[index build] stopped; the index folder is unchanged");
    guarded(factory, [&] { index.index->add(std::min(kBlock, n - at), rows + at * index.dim()); });
  }
  index.inspect();
}

}  // namespace winnow
