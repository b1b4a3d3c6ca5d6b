#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/IndexIVFPQFastScan.h>
#include <faiss/IndexPQFastScan.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/utils/Heap.h>

#include <algorithm>
#include <memory>
#include <typeinfo>
#include <vector>

#include "retrieval/faiss_compat.h"
#include "retrieval/faiss_index.h"

namespace winnow {
namespace {

template <typename... Types>
bool is_one_of(const faiss::Index& index) {
  return ((typeid(index) == typeid(Types)) || ...);
}

/// Sub-vectors of 16 and more make FAISS compute the tables of a batch by BLAS.
bool tables_one_by_one(const faiss::ProductQuantizer& pq) { return pq.dsub < 16; }

/// The probed lists of each query, asked one query at a time: for 20 and more a flat quantizer takes BLAS.
struct Lists {
  Lists(const faiss::IndexIVF& ivf, const float* queries, int64_t n) {
    const auto probe = static_cast<int64_t>(ivf.nprobe);
    scores.resize(static_cast<size_t>(n * probe));
    numbers.resize(scores.size());
    for (int64_t q = 0; q < n; ++q) {
      ivf.quantizer->search(1, queries + q * ivf.d, probe, &scores[static_cast<size_t>(q * probe)],
                            &numbers[static_cast<size_t>(q * probe)]);
    }
  }
  std::vector<float> scores;
  std::vector<faiss_compat::Id> numbers;
};

/// A list is read once, while it is in the cache, for all queries that probe it: FAISS reads every list of one query
/// after the other from memory. Lists go by number, so a query meets its rows in the same order in every batch. For
/// classes whose scanners take a query in no time.
void scan_by_list(const faiss::IndexIVF& ivf, const Lists& lists, const float* queries, int64_t n, int64_t k,
                  const faiss::IDSelector* members, float* scores, int64_t* labels) {
  using Heap = faiss::CMin<float, faiss_compat::Id>;
  const auto probe = static_cast<int64_t>(ivf.nprobe);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < n * probe; ++i) {
    if (lists.numbers[static_cast<size_t>(i)] >= 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const auto x = lists.numbers[static_cast<size_t>(a)], y = lists.numbers[static_cast<size_t>(b)];
    return x != y ? x < y : a < b;
  });
  for (int64_t q = 0; q < n; ++q) faiss::heap_heapify<Heap>(static_cast<size_t>(k), scores + q * k, labels + q * k);
  const std::unique_ptr<faiss::InvertedListScanner> scanner(ivf.get_InvertedListScanner(false, members));
  for (const int64_t at : order) {
    const auto list = static_cast<size_t>(lists.numbers[static_cast<size_t>(at)]);
    const int64_t q = at / probe;
    faiss::InvertedLists::ScopedCodes codes(ivf.invlists, list);
    faiss::InvertedLists::ScopedIds ids(ivf.invlists, list);
    scanner->set_query(queries + q * ivf.d);
    scanner->set_list(static_cast<int64_t>(list), lists.scores[static_cast<size_t>(at)]);
    scanner->scan_codes(ivf.invlists->list_size(list), codes.get(), ids.get(), scores + q * k, labels + q * k,
                        static_cast<size_t>(k));
  }
  for (int64_t q = 0; q < n; ++q) faiss::heap_reorder<Heap>(static_cast<size_t>(k), scores + q * k, labels + q * k);
}

}  // namespace

FaissIndex::Batch FaissIndex::batch_of(const faiss::Index& one) {
  if (is_one_of<faiss::IndexIVFFlat, faiss::IndexIVFScalarQuantizer>(one)) return Batch::kByList;
  if (is_one_of<faiss::IndexIVFPQ>(one)) return Batch::kAssigned;
  if (is_one_of<faiss::IndexHNSWFlat, faiss::IndexHNSWPQ, faiss::IndexHNSWSQ>(one)) return Batch::kWhole;
  if (const auto* scan = dynamic_cast<const faiss::IndexPQFastScan*>(&one); scan && tables_one_by_one(scan->pq)) {
    return Batch::kWhole;
  }
  if (const auto* scan = dynamic_cast<const faiss::IndexIVFPQFastScan*>(&one); scan && tables_one_by_one(scan->pq)) {
    return faiss_compat::kFastScanTakesLists ? Batch::kAssigned : Batch::kOne;
  }
  return Batch::kOne;
}

void FaissIndex::search(const float* queries, int64_t n, int64_t k, const faiss::SearchParameters* parameters,
                        float* scores, int64_t* labels) const {
  const faiss::Index* asked = index.get();
  std::vector<float> turned;
  if (const auto* chain = dynamic_cast<const faiss::IndexPreTransform*>(asked); chain && batch != Batch::kOne) {
    asked = chain->index;
    turned.resize(static_cast<size_t>(n * asked->d));
    for (int64_t q = 0; q < n; ++q) {
      const float* in = queries + q * chain->d;
      const float* out = chain->apply_chain(1, in);
      std::copy_n(out, asked->d, &turned[static_cast<size_t>(q * asked->d)]);
      if (out != in) delete[] out;
    }
    queries = turned.data();
  }
  switch (batch) {
    case Batch::kOne:
      for (int64_t q = 0; q < n; ++q) {
        asked->search(1, queries + q * asked->d, k, scores + q * k, labels + q * k, parameters);
      }
      break;
    case Batch::kWhole: asked->search(n, queries, k, scores, labels, parameters); break;
    case Batch::kByList: {
      const Lists lists(*ivf, queries, n);
      scan_by_list(*ivf, lists, queries, n, k, parameters ? parameters->sel : nullptr, scores, labels);
      break;
    }
    case Batch::kAssigned: {
      const Lists lists(*ivf, queries, n);
      ivf->search_preassigned(n, queries, k, lists.numbers.data(), lists.scores.data(), scores, labels, false,
                              static_cast<const faiss::IVFSearchParameters*>(parameters));
      break;
    }
  }
}

}  // namespace winnow
