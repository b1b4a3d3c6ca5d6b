#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

// Query and database-side expansion (retrieval.md 3.3): Chum et al., Total Recall, 2007; Radenovic et al., Fine-tuning
// CNN Image Retrieval with No Human Annotation, 2018 (the weights s^alpha).

/// ((1/n) sum max(x, 1e-6)^p)^(1/p): GeM over positions, and the mean of one vector over scales. p >= 1.
/// @throws Error(kUsage) for p < 1 or no values
double generalised_mean(std::span<const float> values, double p);

struct ExpansionOptions {
  int64_t k = 10;    ///< neighbours that are added
  double alpha = 3;  ///< weight of a neighbour: max(score, 0)^alpha; 0 = plain average
  double self = 1;   ///< weight of the vector itself
};

/// q' = L2(self q + sum_i max(s_i, 0)^alpha x_i). @param query  unit, D values. @param neighbours  unit rows, best
/// first (at most options.k are used). @throws Error(kShape | kUsage)
std::vector<float> expand_query(std::span<const float> query, std::span<const float> neighbours,
                                const ExpansionOptions& options);

/// Every query of [Q, D] expanded by its k best rows of `gallery` [N, D]; unit rows in, unit rows out.
std::vector<float> expand_queries(std::span<const float> queries, std::span<const float> gallery, int64_t dim,
                                  const ExpansionOptions& options);

/// DBA: every row replaced by the expansion from its own k best other rows; with k = 1 these are the row and its
/// nearest neighbour.
std::vector<float> augment_database(std::span<const float> rows, int64_t dim, const ExpansionOptions& options);

}  // namespace winnow
