#include <algorithm>
#include <array>
#include <cmath>

#include "retrieval/index.h"
#include "retrieval/sealed_json.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

// retrieval.md 4.5: sizes at which the accurate choice changes.
constexpr int64_t kFlatBelow = 10'000;
constexpr int64_t kHnswUpTo = 1'000'000;
constexpr int64_t kPointsPerList = 39;  // k-means wants at least this many a centroid
constexpr int64_t kPqCentroids = 256;
// Links, levels and offsets of HNSW32 a vector: 1,295.8 bytes measured at D = 256, of which 1,024 are the vector.
constexpr int64_t kHnswOverhead = 272;

struct Shape {
  int64_t n, d;
};

int64_t list_count(const Shape& s) {
  int64_t lists = std::llround(4 * std::sqrt(static_cast<double>(s.n)));
  if (s.n > 100'000'000) {
    lists = 1'048'576;
  } else if (s.n > 10'000'000) {
    lists = 262'144;
  } else if (s.n > kHnswUpTo) {
    lists = 65'536;
  }
  return std::max<int64_t>(1, std::min(lists, s.n / kPointsPerList));
}

std::string coarse(const Shape& s) {
  // Above a million vectors the centroids themselves are searched by a graph.
  return "IVF" + std::to_string(list_count(s)) + (s.n > kHnswUpTo ? "_HNSW32" : "");
}

int64_t list_probe(const Shape& s) {
  const int64_t lists = list_count(s);
  return std::min(lists, std::max<int64_t>(16, lists / 40));
}

/// Largest divisor of D that is at most `limit`: PQ splits a vector into equal parts.
int64_t subspaces(int64_t d, int64_t limit) {
  int64_t m = std::max<int64_t>(1, std::min(limit, d));
  while (d % m != 0) --m;
  return m;
}

uint64_t lists_bytes(const Shape& s, int64_t code) {
  return static_cast<uint64_t>(s.n * (code + 8) + list_count(s) * s.d * 4);
}

IndexPlan flat_plan(const Shape& s) { return {"Flat", "", 0, static_cast<uint64_t>(s.n * s.d * 4), "flat"}; }

IndexPlan hnsw_plan(const Shape& s) {
  return {"HNSW32", "", s.n > kHnswUpTo ? 128 : 64, static_cast<uint64_t>(s.n * (s.d * 4 + kHnswOverhead)), "hnsw"};
}

IndexPlan ivf_plan(const Shape& s) { return {coarse(s) + ",Flat", "", list_probe(s), lists_bytes(s, s.d * 4), "ivf"}; }

IndexPlan ivfsq8_plan(const Shape& s) { return {coarse(s) + ",SQ8", "", list_probe(s), lists_bytes(s, s.d), "ivfsq8"}; }

IndexPlan ivfpq_plan(const Shape& s, int64_t dims_per_code) {
  const int64_t m = subspaces(s.d, std::max<int64_t>(1, s.d / dims_per_code));
  // "np": no polysemous training, whoever reads the string.
  const uint64_t tables = static_cast<uint64_t>(kPqCentroids * s.d * 4);
  return {coarse(s) + ",PQ" + std::to_string(m) + "x8np", "", list_probe(s), lists_bytes(s, m) + tables, "ivfpq"};
}

IndexPlan sq_plan(const Shape& s, const char* factory, int64_t bytes_per_value) {
  return {factory, "", 0, static_cast<uint64_t>(s.n * s.d * bytes_per_value), lower(factory)};
}

/// Signs of the D rotated values against their medians: near-duplicates differ in few bits.
IndexPlan binary_plan(const Shape& s) {
  return {"LSHrt", "", 0, static_cast<uint64_t>(s.n * ((s.d + 7) / 8) + s.d * s.d * 4), "binary"};
}

/// From most accurate to smallest.
std::vector<IndexPlan> candidates(const Shape& s) {
  if (s.n < kFlatBelow) return {flat_plan(s), sq_plan(s, "SQfp16", 2), sq_plan(s, "SQ8", 1)};
  std::vector<IndexPlan> plans;
  if (s.n <= kHnswUpTo) plans.push_back(hnsw_plan(s));
  plans.push_back(ivf_plan(s));
  plans.push_back(ivfsq8_plan(s));
  for (const int64_t dims_per_code : {4, 8, 16}) plans.push_back(ivfpq_plan(s, dims_per_code));
  return plans;
}

std::string size_reason(const Shape& s) {
  const std::string count = grouped(s.n) + " vectors: ";
  if (s.n < kFlatBelow) return count + "exact search is fast enough below " + grouped(kFlatBelow);
  if (s.n <= kHnswUpTo) return count + "a graph is the most accurate up to " + grouped(kHnswUpTo);
  return count + "inverted lists, a graph over all of them would take too long to build";
}

IndexPlan plan_auto(const Shape& s, uint64_t memory) {
  const auto plans = candidates(s);
  const IndexPlan* chosen = &plans.front();
  if (memory > 0) {
    const auto fits = [&](const IndexPlan& plan) { return plan.bytes <= memory; };
    const auto found = std::find_if(plans.begin(), plans.end(), fits);
    if (found == plans.end()) {
      const auto least = std::min_element(plans.begin(), plans.end(),
                                          [](const IndexPlan& a, const IndexPlan& b) { return a.bytes < b.bytes; });
      throw Error(ErrorCode::kConfig, "[index memory] at least " + format_bytes(least->bytes) + " (" + least->factory +
                                          ") are required for " + grouped(s.n) + " vectors of " + std::to_string(s.d) +
                                          " values, the budget is " + format_bytes(memory));
    }
    chosen = &*found;
  }
  IndexPlan plan = *chosen;
  plan.reason = size_reason(s);
  if (chosen != &plans.front()) {
    plan.reason = grouped(s.n) + " vectors: " + plans.front().factory + " needs " + format_bytes(plans.front().bytes) +
                  ", " + plan.factory + " fits the budget of " + format_bytes(memory) + " with " +
                  format_bytes(plan.bytes);
  }
  return plan;
}

}  // namespace

IndexPlan plan_index(const std::string& type, int64_t count, int64_t dim, uint64_t memory) {
  if (count < 1 || dim < 1) {
    throw Error(ErrorCode::kData, "[index] at least one vector of one value is required, got " + std::to_string(count) +
                                      " x " + std::to_string(dim));
  }
  const Shape s{count, dim};
  const std::string name = lower(type);
  IndexPlan plan;
  if (name == "auto") return plan_auto(s, memory);
  if (name == "flat") {
    plan = flat_plan(s);
  } else if (name == "hnsw") {
    plan = hnsw_plan(s);
  } else if (name == "ivf") {
    plan = ivf_plan(s);
  } else if (name == "ivfsq8") {
    plan = ivfsq8_plan(s);
  } else if (name == "binary") {
    plan = binary_plan(s);
  } else if (name == "ivfpq") {
    if (count < kPqCentroids) {
      throw Error(ErrorCode::kConfig, "[index type] ivfpq trains " + std::to_string(kPqCentroids) +
                                          " centroids and needs at least as many vectors, got " + grouped(count) +
                                          "; take flat");
    }
    plan = ivfpq_plan(s, 4);
  } else {
    return {type, "factory string given", list_probe(s), 0, "factory"};
  }
  plan.reason = "type " + name + " given";
  return plan;
}

}  // namespace winnow
