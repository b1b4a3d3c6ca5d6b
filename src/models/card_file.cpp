#include "src/models/card_file.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "src/core/base64.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/text.h"
#include "src/image/codec.h"
#include "src/models/option_fields.h"

namespace winnow {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kFormat = "winnow-model";
constexpr int kVersion = 1;

/// A JSON object of the card with its place, for messages.
struct Node {
  const json& value;
  std::string where;

  [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorCode::kData, where + ": " + what); }
  const json& at(const std::string& key) const {
    if (!value.is_object()) fail("must be an object");
    const auto found = value.find(key);
    if (found == value.end()) fail("'" + key + "' is missing");
    return *found;
  }
  Node child(const std::string& key) const { return {at(key), where + ": " + key}; }
  template <typename T>
  T get(const std::string& key) const {
    const json& field = at(key);
    // nlohmann turns true into 1 and 2.7 into 2.
    if ((std::is_same_v<T, int64_t> && !field.is_number_integer()) || (std::is_same_v<T, double> && !field.is_number()))
      fail("'" + key + "' must be a number, got " + field.dump());
    try {
      return field.get<T>();
    } catch (const json::exception&) {
      fail("'" + key + "' has the wrong type: " + field.dump().substr(0, 60));
    }
  }
};

ordered_json options_json(const ModelOptions& options) {
  ModelOptions copy = options;
  ordered_json out = ordered_json::object();
  for (const auto& field : option_fields(copy))
    std::visit([&](const auto* value) { out[field.name] = *value; }, field.value);
  // Where the weights came from before training; the folder has its own.
  out.erase("weights");
  out["initial_weights"] = fs::path(options.weights).filename().string();
  return out;
}

ModelOptions read_options(const Node& node) {
  ModelOptions options;
  for (const auto& field : option_fields(options)) {
    if (field.name == "weights") continue;
    std::visit([&](auto* value) { *value = node.get<std::remove_reference_t<decltype(*value)>>(field.name); },
               field.value);
  }
  const auto faults = option_faults(options);
  if (!faults.empty()) node.fail(join(faults, "; "));
  return options;
}

ordered_json preprocessing_json(const Preprocessing& p) {
  return {{"size", p.size},      {"crop_ratio", p.crop_ratio},
          {"view", p.view},      {"reduced_decode", p.reduced_decode},
          {"mean", p.mean},      {"std", p.std},
          {"digest", p.digest()}};
}

Preprocessing read_preprocessing(const Node& node) {
  Preprocessing p;
  const auto size = node.get<int64_t>("size");
  if (size < 1 || size > 16384) node.fail("size must be 1..16384, got " + std::to_string(size));
  p.size = static_cast<int>(size);
  p.crop_ratio = node.get<double>("crop_ratio");
  if (!(p.crop_ratio > 0.0 && p.crop_ratio <= 1.0)) node.fail("crop_ratio must be in (0, 1]");
  p.view = node.get<std::string>("view");
  p.reduced_decode = node.get<bool>("reduced_decode");
  p.mean = node.get<std::vector<double>>("mean");
  p.std = node.get<std::vector<double>>("std");
  if (p.mean.size() != 3 || p.std.size() != 3) node.fail("mean and std must have 3 values");
  if (node.get<std::string>("digest") != p.digest())
    node.fail("digest does not belong to these values (edited by hand?)");
  return p;
}

ordered_json golden_json(const std::vector<GoldenPair>& golden) {
  ordered_json out = ordered_json::array();
  for (const auto& pair : golden)
    out.push_back({{"png", encode_base64(encode_png(pair.picture))}, {"vector", pair.vector}});
  return out;
}

std::vector<GoldenPair> read_golden(const Node& node, int64_t dim) {
  if (!node.value.is_array() || node.value.empty() || node.value.size() > 64)
    node.fail("must be a list of 1 to 64 pairs");
  std::vector<GoldenPair> golden;
  for (const json& value : node.value) {
    const Node pair{value, node.where + "[" + std::to_string(golden.size()) + "]"};
    const auto png = decode_base64(pair.get<std::string>("png"), pair.where + ": png");
    DecodeOptions small;
    small.max_pixels = 4096 * 4096;
    golden.push_back({decode_image(std::as_bytes(std::span(png)), pair.where + ": png", small),
                      pair.get<std::vector<float>>("vector")});
    if (static_cast<int64_t>(golden.back().vector.size()) != dim)
      pair.fail("vector must have " + std::to_string(dim) + " values, has " +
                std::to_string(golden.back().vector.size()));
  }
  return golden;
}

ModelCard read_card(const Node& root) {
  ModelCard card;
  card.name = root.get<std::string>("name");
  card.created = root.get<std::string>("created");
  card.winnow_version = root.get<std::string>("winnow_version");
  card.licence = root.get<std::string>("licence");
  card.training_data = root.get<std::string>("training_data");
  card.dim = root.get<int64_t>("dim");
  if (card.dim < 1 || card.dim > 65536) root.fail("dim must be 1..65536, got " + std::to_string(card.dim));
  card.weights_digest = root.child("weights").get<std::string>("sha256");
  card.preprocessing_digest = root.child("preprocessing").get<std::string>("digest");
  card.config_yaml = root.get<std::string>("config_yaml");
  const Node metrics = root.child("metrics");
  if (!metrics.value.is_array()) metrics.fail("must be a list");
  for (const json& value : metrics.value) {
    const Node metric{value, metrics.where};
    const bool none = metric.at("value").is_null();
    card.metrics.emplace_back(metric.get<std::string>("name"),
                              none ? std::numeric_limits<double>::quiet_NaN() : metric.get<double>("value"));
  }
  return card;
}

}  // namespace

CardFile read_card_file(const fs::path& folder, bool with_golden) {
  const fs::path path = folder / kCardFile;
  if (!fs::exists(path))
    throw Error(ErrorCode::kNotFound, "[model] " + folder.string() + " is not a model folder: it has no " + kCardFile);
  const json text = read_json(path);
  const Node root{text, path.string()};
  if (root.get<std::string>("format") != kFormat) root.fail(std::string("format must be ") + kFormat);
  if (root.get<int64_t>("version") != kVersion)
    root.fail("version must be " + std::to_string(kVersion) + ", got " + root.at("version").dump() +
              " (written by a newer winnow?)");
  CardFile file;
  file.card = read_card(root);
  file.options = read_options(root.child("architecture"));
  file.preprocessing = read_preprocessing(root.child("preprocessing"));
  file.parameters = root.get<int64_t>("parameters");
  file.forward_gflops = root.get<double>("forward_gflops");
  if (with_golden) file.golden = read_golden(root.child("golden"), file.card.dim);
  return file;
}

void write_card_file(const fs::path& folder, const CardFile& file) {
  const ModelCard& card = file.card;
  ordered_json metrics = ordered_json::array();
  for (const auto& [name, value] : card.metrics) metrics.push_back({{"name", name}, {"value", value}});
  const ordered_json out = {{"format", kFormat},
                            {"version", kVersion},
                            {"name", card.name},
                            {"created", card.created},
                            {"winnow_version", card.winnow_version},
                            {"licence", card.licence},
                            {"training_data", card.training_data},
                            {"dim", card.dim},
                            {"parameters", file.parameters},
                            {"forward_gflops", file.forward_gflops},
                            {"weights", {{"file", kWeightsFile}, {"sha256", card.weights_digest}}},
                            {"architecture", options_json(file.options)},
                            {"preprocessing", preprocessing_json(file.preprocessing)},
                            {"metrics", metrics},
                            {"config_yaml", card.config_yaml},
                            {"golden", golden_json(file.golden)}};
  write_json_atomically(folder / kCardFile, out);
}

}  // namespace winnow
