#pragma once

#include <string>
#include <vector>

#include "src/evaluation/retrieval.h"
#include "src/report/html.h"
#include "src/report/train_report.h"

namespace winnow {

/// One of the two compared trainings.
struct DemoMethod {
  std::string name;     ///< e.g. "plain normalised softmax"
  std::string summary;  ///< one sentence: what it does
  const RetrievalResult* result = nullptr;
  std::vector<TrainEpoch> epochs;
  SheetRow first_search;  ///< the query picture and its first hits; empty = not shown
};

struct DemoReport {
  std::string title = "winnow demo";
  std::string task;          ///< sentences: what was generated, how labels were spoiled, what is searched
  double noise = 0;          ///< share of wrong training labels, in [0, 1]
  DemoMethod plain, robust;  ///< evaluated over the same queries and ks
  std::vector<int64_t> ks;
  std::vector<SheetRow> samples;  ///< training pictures with given (and true) labels
  std::vector<SheetRow> changed;  ///< queries that one method answers and the other misses
  std::vector<std::string> next;  ///< commands to go on with
  std::vector<Fact> provenance;
  double seconds = 0;
};

/// Sentences with the gain and its paired interval, the first search of both, table of metrics with differences,
/// curves of both, sheets, provenance.
HtmlPage demo_report_page(const DemoReport& report);
/// Atomic.
void write_demo_report(const fs::path& file, const DemoReport& report);

}  // namespace winnow
