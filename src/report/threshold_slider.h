#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// What a threshold does to two kinds of scores, counted in equal bins over [-1, 1] (each kind has its own number).
struct SliderLine {
  enum class Says {
    kRates,     ///< "FIRST x %, SECOND y %": the shares of either kind at or above the threshold
    kDecisions  ///< "precision x %, recall y %, n of m accepted": the first kind is right, the second wrong
  };
  Says says = Says::kRates;
  std::string lead, first_name, second_name;
  std::vector<int64_t> first, second;
};

/// Counts of scores in `bins` equal bins over [-1, 1], the last closed; scores outside go to the nearest bin.
std::vector<int64_t> score_bins(std::span<const double> scores, size_t bins);

/// A histogram figure with a threshold that a range input moves: its line in the figure (ChartOptions::mark) and a
/// sentence for each line. Within a bin scores count as evenly spread. Complete without the script: figure, line and
/// sentences stand at `start`. @param id  unique in the page. @param origin  what `start` is, for the label; may be
/// empty
std::string threshold_slider(const std::string& id, const std::string& figure, double start,
                             const std::vector<SliderLine>& lines, const std::string& origin = "");

}  // namespace winnow
