#include "src/workflow/noise_inject.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "retrieval/embeddings.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/text.h"

namespace winnow {
namespace {

int64_t class_of(const Dataset& dataset, const std::string& name) {
  const auto& names = dataset.label_names;
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return at - names.begin();
  const auto near = nearest_name(name, names);
  throw Error(ErrorCode::kUsage,
              "[noise] there is no class '" + name + "'" + (near ? " (did you mean '" + *near + "'?)" : ""));
}

std::vector<int64_t> read_map(const Dataset& dataset, const std::vector<std::string>& pairs) {
  std::vector<int64_t> out(dataset.label_names.size(), -1);
  for (const auto& pair : pairs) {
    const size_t at = pair.find('=');
    if (at == std::string::npos) throw Error(ErrorCode::kUsage, "[noise] --map needs FROM=TO, got '" + pair + "'");
    out[static_cast<size_t>(class_of(dataset, pair.substr(0, at)))] = class_of(dataset, pair.substr(at + 1));
  }
  return out;
}

std::vector<int64_t> read_superclass(const Dataset& dataset, const std::string& column) {
  std::map<std::string, int64_t> numbers;
  std::vector<int64_t> out(dataset.label_names.size(), -1);
  for (const auto& item : dataset.items) {
    const auto at =
        std::find_if(item.columns.begin(), item.columns.end(), [&](const auto& c) { return c.first == column; });
    if (at == item.columns.end())
      throw Error(ErrorCode::kData, "[noise] row " + std::to_string(item.row) + " has no column '" + column + "'");
    const int64_t number = numbers.emplace(at->second, static_cast<int64_t>(numbers.size())).first->second;
    int64_t& known = out[static_cast<size_t>(item.label)];
    if (known >= 0 && known != number)
      throw Error(ErrorCode::kData, "[noise] the class '" + dataset.label_names[static_cast<size_t>(item.label)] +
                                        "' is in two superclasses of '" + column + "'");
    known = number;
  }
  return out;
}

std::vector<float> read_features(const Dataset& dataset, const std::string& folder, int64_t& dim) {
  const Embeddings embeddings = Embeddings::open(folder);
  std::map<int64_t, int64_t> position;
  for (int64_t i = 0; i < embeddings.rows(); ++i) position[embeddings.items()[static_cast<size_t>(i)].id] = i;
  dim = embeddings.dim();
  std::vector<float> out;
  for (const auto& item : dataset.items) {
    const auto at = position.find(item.row);
    if (at == position.end())
      throw Error(ErrorCode::kData,
                  "[noise] " + folder + " has no vector of row " + std::to_string(item.row) + " (" + item.path + ")");
    const auto vector = embeddings.vector(at->second);
    out.insert(out.end(), vector.begin(), vector.end());
  }
  return out;
}

void write_noise_file(const InjectRequest& request, const Dataset& before, InjectOutcome& out) {
  Sha256 digest;
  nlohmann::ordered_json changes = nlohmann::json::array();
  for (size_t i = 0; i < before.items.size(); ++i) {
    const auto& item = before.items[i];
    const bool kept = out.labels.keep[i] != 0;
    if (kept && out.labels.labels[i] == item.label) continue;
    const std::string was = before.label_names[static_cast<size_t>(item.label)];
    const std::string is = kept ? before.label_names[static_cast<size_t>(out.labels.labels[i])] : "";
    digest.update(csv_line({std::to_string(item.row), was, is}));
    changes.push_back({item.row, was, is});
  }
  out.noise_digest = digest.hex();
  out.noise_file = request.out + ".noise.json";
  write_json_atomically(out.noise_file, nlohmann::ordered_json{{"format", 1},
                                                               {"winnow", WINNOW_VERSION},
                                                               {"type", request.options.type},
                                                               {"asked_rate", request.options.rate},
                                                               {"exact", request.options.exact},
                                                               {"realised_rate", out.labels.realised_rate},
                                                               {"seed", request.options.seed},
                                                               {"data_sha256", before.digest},
                                                               {"rows", before.items.size()},
                                                               {"changed", out.labels.changed},
                                                               {"sha256", out.noise_digest},
                                                               {"columns", {"row", "true_label", "label"}},
                                                               {"changes", changes}});
}

}  // namespace

InjectOutcome inject_dataset(const InjectRequest& request) {
  const Dataset before = read_dataset(request.source);
  InjectOptions options = request.options;
  std::vector<float> vectors;
  if (options.type == "map") options.map = read_map(before, request.map);
  if (options.type == "superclass") options.superclass = read_superclass(before, request.superclass);
  if (!request.features.empty()) {
    int64_t dim = 0;
    vectors = read_features(before, request.features, dim);
    options.vectors = {vectors, static_cast<int64_t>(before.items.size()), dim};
  }
  InjectOutcome out;
  out.labels = inject_noise(before.labels(), before.classes(), options);
  Dataset noisy = before;
  for (size_t i = 0; i < noisy.items.size(); ++i) {
    auto& item = noisy.items[i];
    std::erase_if(item.columns, [](const auto& column) { return column.first == "true_label"; });
    item.columns.emplace_back("true_label", noisy.label_names[static_cast<size_t>(item.label)]);
    item.label = out.labels.labels[i];
  }
  noisy = subset(noisy, out.labels.keep);
  out.rows = static_cast<int64_t>(noisy.items.size());
  out.left_out = static_cast<int64_t>(before.items.size()) - out.rows;
  out.digest = write_manifest(request.out, noisy);
  write_noise_file(request, before, out);
  return out;
}

}  // namespace winnow
