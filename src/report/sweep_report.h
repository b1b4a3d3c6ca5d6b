#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// One finished run of a sweep.
struct SweepRow {
  std::string data, method;
  std::string told;  ///< what the method was told about the noise; empty = nothing
  int64_t seed = 0;
  std::map<std::string, double> last, best;  ///< metrics after the last and the best epoch; best may be empty
  double seconds = 0;
};

/// Mean and range over seeds.
struct SeedSpread {
  double mean = 0, low = 0, high = 0;
  int64_t seeds = 0;
};

/// Mean difference to the baseline on the same data over the seeds both have, with the 95 % interval of Student's t
/// (two seeds or more). It says how much seeds explain, not how much the choice of test pictures does.
struct SeedDifference {
  double mean = 0, low = 0, high = 0;
  int64_t seeds = 0;
  bool certain() const { return seeds >= 2 && (low > 0 || high < 0); }
};

/// All seeds of one method on one data set.
struct SweepLine {
  std::string data, method, told;
  std::map<std::string, SeedSpread> last, best;
  std::map<std::string, SeedDifference> gain;  ///< last epoch against the baseline; empty for the baseline itself
  double seconds = 0;                          ///< mean of a run
};

/// In order of first appearance; on each data set methods that were told nothing come first. @param baseline  method
std::vector<SweepLine> summarise_sweep(const std::vector<SweepRow>& rows, const std::string& baseline);

/// "0.4461 (0.4411-0.4502)"; the range only with two seeds or more.
std::string spread_text(const SeedSpread& spread);

/// Header and cells for the chosen metrics: last, best, gain and its interval.
struct SweepCells {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
SweepCells sweep_cells(const std::vector<SweepLine>& lines, const std::vector<std::string>& metrics);

/// A LaTeX tabular of the last epoch's means and ranges; best mean of each column and data set in bold.
std::string sweep_tex(const std::vector<SweepLine>& lines, const std::vector<std::string>& metrics);

/// One self-contained page: table, a chart of each metric by data set, every single run. Atomic.
void write_sweep_page(const fs::path& file, const std::string& title, const std::vector<SweepRow>& rows,
                      const std::vector<SweepLine>& lines, const std::vector<std::string>& metrics);

}  // namespace winnow
