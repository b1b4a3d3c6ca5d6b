#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/check.h"
#include "src/workflow/data_duplicates.h"

namespace winnow {

// What the verbs of `winnow data` print and write.

nlohmann::ordered_json check_document(const DataCheck& check);
/// @param data  as the user named it, for the next command
std::string check_text(const DataCheck& check, const std::string& data);
/// CSV row,path,reason. Atomic.
void write_rejected(const fs::path& file, const DataCheck& check);

std::string duplicates_text(const Dataset& data, const DuplicateReport& report);
std::string leaks_text(const Dataset& data, const LeakReport& report);

struct SplitSizes {
  size_t train = 0, held_out = 0;
};
/// Two manifests with no class in common. @throws what class_disjoint_split throws
SplitSizes split_manifest(const Dataset& dataset, double held_out, uint64_t seed, const fs::path& train_file,
                          const fs::path& held_out_file);

}  // namespace winnow
