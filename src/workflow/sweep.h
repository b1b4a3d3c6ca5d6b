#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "src/report/sweep_report.h"

namespace winnow {

/// One run of a sweep: a data set, a method and a seed.
struct SweepCell {
  std::string data, method, told;
  int64_t seed = 0;
  std::vector<std::string> settings;  ///< key=value words over the recipe, later ones win
  fs::path folder;                    ///< OUT/DATA/METHOD/seed-N
};

/// A grid of runs under equal budgets.
struct Sweep {
  std::string name;
  fs::path recipe;                   ///< may be empty: defaults
  std::vector<std::string> metrics;  ///< shown in tables, the first one decides
  std::string baseline;              ///< method that gains are measured against; the first one
  std::vector<SweepCell> cells;
  bool evaluate = false;        ///< score the models on data of their own, else the run's own validation counts
  DataSource queries, gallery;  ///< of `evaluate:`; no gallery: each query is searched among the others
  bool equal_budgets = true;
};

/// Reads a sweep description (docs/noise.md):
///   name, recipe, seeds: [1, 2, 3], metrics: [recall@1, map@r], settings: [...], equal_budgets,
///   data: {NAME: [settings]}, methods: {NAME: [settings] | {told: TEXT, set: [settings]}},
///   evaluate: {queries: {data, archive, label, where}, gallery: {...}}, gallery may be left out
/// Settings and paths may hold {here} (the folder of the file) and ${NAME:-default}.
/// @throws Error(kNotFound | kConfig) naming file and key
Sweep read_sweep(const fs::path& file, const fs::path& out);

/// What each run may spend: the same text for every run of a fair comparison, "resnet18 at 64 px, 410 steps of 64".
/// Neighbouring cells with the same data share one reading of it.
/// @throws Error(kConfig | kData) when a cell's recipe does not hold
std::vector<std::string> cell_budgets(const Sweep& sweep, const std::vector<SweepCell>& cells);

struct SweepOptions {
  std::string only;                  ///< DATA/METHOD or a part of it; empty = all
  std::vector<std::string> command;  ///< for provenance
};

/// The cells that `only` names. @throws Error(kUsage) when there are none
std::vector<SweepCell> chosen_cells(const Sweep& sweep, const std::string& only);

/// Runs what is not finished, each in its folder, resumes what was begun, then writes OUT/results.json, results.csv,
/// table.csv, table.tex and report.html. Budgets are compared before the first run.
/// @throws Error(kConfig) for unequal budgets; what train() throws, with the finished runs kept
std::vector<SweepRow> run_sweep(const Sweep& sweep, const fs::path& out, const SweepOptions& options);

/// OUT/results.json of a sweep. @throws Error(kNotFound | kData)
struct SweepResults {
  std::string name, baseline;
  std::vector<std::string> metrics;
  std::vector<SweepRow> rows;
};
SweepResults read_sweep_results(const fs::path& out);
/// The rows of several sweeps under the first one's name, baseline and metrics. A run (data, method, seed) that is in
/// two of them is an Error(kData). @throws what read_sweep_results throws
SweepResults merge_sweeps(const std::vector<fs::path>& folders);
/// Tables and page of a sweep's rows; also several sweeps' rows together (`winnow compare A B`).
void write_sweep_results(const fs::path& out, const SweepResults& results);

}  // namespace winnow
