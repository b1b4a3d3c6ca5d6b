#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "src/evaluation/pickle.h"
#include "src/evaluation/truth.h"

namespace winnow {

enum class RevisitedLevel { kEasy, kMedium, kHard };

/// Ground truth of Revisited Oxford or Paris (gnd_roxford5k.pkl, gnd_rparis6k.pkl): the database has no query in it.
struct RevisitedTruth {
  struct Query {
    std::array<double, 4> box{};            ///< x1 y1 x2 y2 in the query picture, which is cropped to it
    std::vector<int64_t> easy, hard, junk;  ///< 0-based places in `database`
  };
  std::vector<std::string> database, queries;  ///< picture names without ".jpg"
  std::vector<Query> truth;                    ///< by query
};

/// Easy: easy against junk + hard ignored. Medium: easy + hard, junk ignored. Hard: hard, junk + easy ignored.
std::vector<ListTruth::Lists> revisited_lists(const RevisitedTruth& truth, RevisitedLevel level);

/// @throws Error(kData) naming file and byte offset for a pickle that is damaged, of another form, or whose places are
/// outside the database
RevisitedTruth read_revisited(const fs::path& file);
RevisitedTruth revisited_of(const PickleDocument& document);

}  // namespace winnow
