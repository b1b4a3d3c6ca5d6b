#include "src/workflow/noise_apply.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/labels/decisions.h"

namespace winnow {
namespace {

const std::vector<std::string> kProtected = {"test", "val", "validation"};

fs::path history_of(const fs::path& file) { return file.string() + ".history"; }

nlohmann::json read_steps(const fs::path& file) {
  const fs::path at = history_of(file) / "history.json";
  if (!fs::exists(at)) return nlohmann::json::array();
  const auto document = read_json(at);
  if (!document.contains("steps") || !document["steps"].is_array())
    throw Error(ErrorCode::kData, at.string() + ": a list `steps` is required");
  return document["steps"];
}

bool is_protected(const Item& item, const ApplyRequest& request) {
  const auto in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), item.split) != list.end();
  };
  return in(kProtected) && !in(request.touch_splits);
}

int64_t label_index(Dataset& dataset, const std::string& name) {
  const auto at = std::find(dataset.label_names.begin(), dataset.label_names.end(), name);
  if (at != dataset.label_names.end()) return at - dataset.label_names.begin();
  dataset.label_names.push_back(name);
  return dataset.classes() - 1;
}

void relabel(Dataset& dataset, Item& item, const std::string& name, ApplyResult& result) {
  const int64_t label = label_index(dataset, name);
  if (label == item.label) {
    ++result.unchanged;
    return;
  }
  const bool first = std::none_of(item.columns.begin(), item.columns.end(),
                                  [](const auto& c) { return c.first == "given_label" && !c.second.empty(); });
  if (first) {
    std::erase_if(item.columns, [](const auto& c) { return c.first == "given_label"; });
    item.columns.emplace_back("given_label",
                              item.label < 0 ? "" : dataset.label_names[static_cast<size_t>(item.label)]);
  }
  item.label = label;
  ++result.relabelled;
}

void carry_out(Dataset& dataset, const ApplyRequest& request, ApplyResult& result) {
  std::map<int64_t, size_t> position;
  for (size_t i = 0; i < dataset.items.size(); ++i) position[dataset.items[i].row] = i;
  std::vector<char> keep(dataset.items.size(), 1);
  for (const auto& decision : read_decisions(request.decisions, request.auto_above)) {
    const std::string where = request.decisions + ":" + std::to_string(decision.line) + ": ";
    const auto at = position.find(decision.row);
    if (at == position.end())
      throw Error(ErrorCode::kData,
                  where + "there is no row " + std::to_string(decision.row) + " in " + request.source.data);
    Item& item = dataset.items[at->second];
    if (!decision.path.empty() && decision.path != item.path)
      throw Error(ErrorCode::kData, where + "row " + std::to_string(decision.row) + " is '" + item.path + "' in " +
                                        request.source.data + ", the decision is about '" + decision.path + "'");
    const bool changes = decision.verdict == Verdict::kRelabel || decision.verdict == Verdict::kDrop;
    if (changes && is_protected(item, request)) {
      ++result.protected_rows;
    } else if (decision.verdict == Verdict::kRelabel) {
      relabel(dataset, item, decision.label, result);
    } else if (decision.verdict == Verdict::kDrop) {
      keep[at->second] = 0;
      ++result.dropped;
    } else {
      ++(decision.verdict == Verdict::kKeep ? result.kept : result.unsure);
    }
  }
  dataset = subset(dataset, keep);
}

}  // namespace

ApplyResult apply_decisions(const ApplyRequest& request) {
  const fs::path out = absolute_path(request.out), source = absolute_path(request.source.data);
  if (out == source)
    throw Error(ErrorCode::kUsage, "[apply] a new file is required, the manifest is never edited: " + request.out);
  const Dataset before = read_dataset(request.source);
  Dataset dataset = before;
  ApplyResult result;
  carry_out(dataset, request, result);  // refuses before anything is written
  const fs::path folder = history_of(out);
  fs::remove_all(folder);
  make_folder(folder);
  // A CSV is kept byte for byte, anything else as the manifest it stands for.
  const bool csv = source.extension() == ".csv";
  const fs::path parent = folder / "parent.csv";
  result.parent_digest = csv ? write_file_atomically(parent, read_file(source)) : write_manifest(parent, before);
  nlohmann::json steps = csv ? read_steps(source) : nlohmann::json::array();
  const fs::path kept = folder / ("parent-" + result.parent_digest.substr(0, 16) + ".csv");
  fs::rename(parent, kept);
  for (const auto& step : steps) {
    const std::string name = step.at("kept").get<std::string>();
    write_file_atomically(folder / name, read_file(history_of(source) / name));
  }
  result.rows = static_cast<int64_t>(dataset.items.size());
  result.digest = write_manifest(out, dataset);
  steps.push_back({{"parent", source.string()},
                   {"parent_sha256", result.parent_digest},
                   {"kept", kept.filename().string()},
                   {"decisions", absolute_path(request.decisions)},
                   {"decisions_sha256", sha256_file(request.decisions)},
                   {"auto_above", request.auto_above},
                   {"touched_splits", request.touch_splits},
                   {"result_sha256", result.digest},
                   {"rows", result.rows},
                   {"relabelled", result.relabelled},
                   {"dropped", result.dropped},
                   {"protected", result.protected_rows},
                   {"made", utc_now()}});
  write_json_atomically(folder / "history.json",
                        nlohmann::json{{"format", 1}, {"file", out.filename().string()}, {"steps", steps}});
  return result;
}

RevertResult revert_manifest(const fs::path& file, int64_t steps, const fs::path& out) {
  const auto history = read_steps(file);
  if (history.empty())
    throw Error(ErrorCode::kNotFound,
                "[revert] " + file.string() + " has no history (" + history_of(file).string() + ")");
  if (steps < 1 || steps > static_cast<int64_t>(history.size()))
    throw Error(ErrorCode::kUsage, "[revert] 1.." + std::to_string(history.size()) + " steps can be taken back, got " +
                                       std::to_string(steps));
  if (sha256_file(file) != history.back().at("result_sha256").get<std::string>())
    throw Error(ErrorCode::kMismatch, "[revert] " + file.string() + " was changed after `noise apply` wrote it");
  const auto& step = history[history.size() - static_cast<size_t>(steps)];
  const fs::path kept = history_of(file) / step.at("kept").get<std::string>();
  const std::string bytes = read_file(kept), wanted = step.at("parent_sha256").get<std::string>();
  if (sha256_hex(bytes) != wanted)
    throw Error(ErrorCode::kMismatch,
                "[revert] " + kept.string() + " is damaged: its SHA-256 is not that of the history");
  return {write_file_atomically(out, bytes), step.at("parent").get<std::string>(), steps};
}

}  // namespace winnow
