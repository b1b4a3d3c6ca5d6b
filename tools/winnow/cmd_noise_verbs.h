#pragma once

#include "src/workflow/noise_source.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {

// The verbs below `winnow noise` and the pair verbs of `winnow data`; each file holds a few.
void add_noise_rank(CLI::App& noise, Session& session);       // rank, estimate
void add_noise_decisions(CLI::App& noise, Session& session);  // apply, revert
void add_noise_audit(CLI::App& noise, Session& session);
void add_noise_source_options(CLI::App& verb, NoiseRequest& request);
void add_data_pairs(CLI::App& data, Session& session);  // dups, leak

}  // namespace winnow::cli
