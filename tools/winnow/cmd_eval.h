#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/workflow/ablation.h"
#include "src/workflow/face/eval.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {

enum class GateNames {
  kMeasured,  ///< as they stand in the result
  kRetrieval  ///< also the other names of retrieval metrics: hit@1, cmc@1, precision@1.plain
};
/// @throws Error(kGate) naming every gate that is not met, Error(kUsage) for a metric that was not measured
void check_gates(const std::vector<std::string>& gates, const std::map<std::string, double>& metrics, GateNames names);

struct AblationArgs {
  bool wanted = false;
  std::string whitening_from;
  std::vector<std::string> variants;
  AblationOptions options;
};
void add_ablation_options(CLI::App& verb, AblationArgs& args);
int run_ablation(const std::string& queries, const std::string& gallery, AblationArgs& args, const Session& session);

/// Where faces come from: what eval face and eval threshold share.
void add_face_sources(CLI::App& verb, FaceEvalOptions& options);

void add_eval_index(CLI::App& eval, Session& session);
void add_eval_retrieval(CLI::App& eval, Session& session);
void add_eval_threshold(CLI::App& eval, Session& session);

}  // namespace winnow::cli
