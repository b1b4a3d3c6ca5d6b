#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "retrieval/index.h"
#include "src/core/error.h"
#include "src/core/random.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {

/// Vectors around random centres, not of unit length.
inline std::vector<float> clustered(int64_t n, int64_t dim, int64_t clusters, uint64_t seed, double spread = 0.5) {
  std::vector<float> centres, rows;
  Random centre_random(seed, "centres");
  for (int64_t i = 0; i < clusters * dim; ++i) centres.push_back(static_cast<float>(centre_random.normal()));
  for (int64_t row = 0; row < n; ++row) {
    Random random(seed, "rows", static_cast<uint64_t>(row));
    const auto centre = static_cast<int64_t>(random.below(static_cast<uint64_t>(clusters)));
    for (int64_t d = 0; d < dim; ++d) {
      rows.push_back(centres[static_cast<size_t>(centre * dim + d)] + static_cast<float>(spread * random.normal()));
    }
  }
  return rows;
}

/// An embeddings folder; items default to id = row, path = "p<row>", label = row % 7.
inline Embeddings write_embeddings(const fs::path& folder, const std::vector<float>& rows, int64_t dim,
                                   std::vector<EmbeddedItem> items = {}, std::vector<std::string> columns = {}) {
  const auto n = static_cast<int64_t>(rows.size()) / dim;
  for (int64_t i = static_cast<int64_t>(items.size()); i < n; ++i) {
    items.push_back({i, "p" + std::to_string(i), std::to_string(i % 7), {}});
  }
  EmbeddingsInfo info;
  info.model_digest = "model";
  info.preprocessing_digest = "pre";
  info.extra_columns = std::move(columns);
  EmbeddingsWriter writer(folder, dim, n, info);
  for (int64_t i = 0; i < n; ++i) {
    writer.add(items[static_cast<size_t>(i)], std::span(rows).subspan(static_cast<size_t>(i * dim), size_t(dim)));
  }
  writer.commit();
  return Embeddings::open(folder);
}

inline std::vector<EmbeddedItem> items_with_ids(const std::vector<int64_t>& ids) {
  std::vector<EmbeddedItem> items;
  for (const int64_t id : ids) items.push_back({id, "p" + std::to_string(id), "a", {}});
  return items;
}

/// Cosine by the textbook, in double, term after term.
inline double naive_cosine(const float* a, const float* b, int64_t dim) {
  double ab = 0, aa = 0, bb = 0;
  for (int64_t i = 0; i < dim; ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

/// Every hit's score is right, hits are ordered by (score desc, id asc), and no row of `rows` (id = row number) that
/// `allowed` admits and that scores clearly higher than the last hit is missing.
inline void expect_exact(const std::vector<Hit>& hits, const float* query, const std::vector<float>& rows, int64_t dim,
                         int64_t k, const std::function<bool(int64_t)>& allowed = {}) {
  std::vector<double> scores;
  const auto n = static_cast<int64_t>(rows.size()) / dim;
  for (int64_t i = 0; i < n; ++i) {
    if (!allowed || allowed(i)) scores.push_back(naive_cosine(query, rows.data() + i * dim, dim));
  }
  ASSERT_EQ(hits.size(), std::min(static_cast<size_t>(k), scores.size()));
  std::sort(scores.rbegin(), scores.rend());
  for (size_t i = 0; i < hits.size(); ++i) {
    if (allowed) {
      EXPECT_TRUE(allowed(hits[i].id)) << hits[i].id;
    }
    EXPECT_NEAR(hits[i].score, naive_cosine(query, rows.data() + hits[i].id * dim, dim), 2e-6);
    EXPECT_NEAR(hits[i].score, scores[i], 2e-6) << "rank " << i;
    if (i == 0) continue;
    EXPECT_TRUE(hits[i - 1].score > hits[i].score ||
                (hits[i - 1].score == hits[i].score && hits[i - 1].id < hits[i].id));
  }
}

inline bool same(const std::vector<Hit>& a, const std::vector<Hit>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Hit& x, const Hit& y) { return x.id == y.id && x.score == y.score; });
}

/// Runs the call and gives the error it must throw.
template <typename Call>
Error expect_error(ErrorCode code, Call&& call) {
  try {
    call();
  } catch (const Error& e) {
    EXPECT_EQ(error_name(e.code()), std::string(error_name(code))) << e.what();
    return e;
  }
  ADD_FAILURE() << "an error of kind " << error_name(code) << " is expected, none was thrown";
  return Error(ErrorCode::kInternal, "");
}

inline IndexBuildOptions of_type(const std::string& type) {
  IndexBuildOptions options;
  options.type = type;
  return options;
}

}  // namespace winnow::test
