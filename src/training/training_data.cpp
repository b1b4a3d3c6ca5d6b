#include "src/training/training_data.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "data/check.h"
#include "data/repeated_views.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

/// Leaves out items without a label, which no loss can use.
void drop_unlabelled(Dataset& dataset, const char* which, std::vector<std::string>& notes) {
  std::vector<char> keep;
  for (const auto& item : dataset.items) keep.push_back(item.label >= 0);
  const auto dropped = std::count(keep.begin(), keep.end(), 0);
  if (dropped == 0) return;
  dataset = subset(dataset, keep);
  notes.push_back(std::to_string(dropped) + " pictures of the " + which + " set have no label and are left out");
}

const std::string* find_column(const Item& item, const std::string& name) {
  for (const auto& [column, value] : item.columns)
    if (column == name) return &value;
  return nullptr;
}

std::vector<int64_t> read_truth(const Dataset& train) {
  std::unordered_map<std::string, int64_t> index;
  for (size_t i = 0; i < train.label_names.size(); ++i) index[train.label_names[i]] = static_cast<int64_t>(i);
  std::vector<int64_t> truth;
  bool differs = false;
  for (const auto& item : train.items) {
    const std::string* name = find_column(item, "true_label");
    const bool known = name != nullptr && !name->empty();
    const auto found = known ? index.find(*name) : index.end();
    truth.push_back(!known ? TrainingData::kUnknown : found == index.end() ? -1 : found->second);
    differs |= known && truth.back() != item.label;
  }
  if (!differs) truth.clear();
  return truth;
}

/// The items of `all` whose rows are in `part`, with the labels of another column.
Dataset relabelled(const DataOptions& options, const Dataset& part) {
  DataSource source = training_source(options);
  source.label = options.val_label;
  const Dataset all = read_dataset(source);
  std::unordered_set<int64_t> rows;
  for (const auto& item : part.items) rows.insert(item.row);
  std::vector<char> keep;
  for (const auto& item : all.items) keep.push_back(rows.contains(item.row));
  return subset(all, keep);
}

void hold_classes_out(const ExperimentConfig& config, TrainingData& data) {
  const auto side =
      class_disjoint_split(data.train, config.data.val_classes, static_cast<uint64_t>(config.training.seed));
  std::vector<char> train, val;
  for (const int s : side) {
    train.push_back(s == 0);
    val.push_back(s == 1);
  }
  data.val = subset(data.train, val);
  data.train = subset(data.train, train);
  if (!config.data.val_label.empty()) data.val = relabelled(config.data, data.val);
}

bool mostly_train_classes(const TrainingData& data) {
  const std::unordered_set<std::string> names(data.train.label_names.begin(), data.train.label_names.end());
  const auto known = std::count_if(data.val.items.begin(), data.val.items.end(), [&](const Item& item) {
    return names.contains(data.val.label_names[static_cast<size_t>(item.label)]);
  });
  return 2 * known >= static_cast<int64_t>(data.val.items.size());
}

void require_trainable(const TrainingData& data, const ExperimentConfig& config) {
  const std::string from = "[train] " + config.data.train + ": ";
  if (data.train.items.empty()) throw Error(ErrorCode::kData, from + "pictures with a label are required, got none");
  if (data.train.classes() < 2)
    throw Error(ErrorCode::kData, from + "at least two classes are required to learn what differs, got " +
                                      std::to_string(data.train.classes()));
}

}  // namespace

TrainingData load_training_data(const ExperimentConfig& config) {
  if (config.data.train.empty()) throw Error(ErrorCode::kConfig, "[train] data.train is required: what to train on");
  TrainingData data;
  data.train = read_dataset(training_source(config.data));
  drop_unlabelled(data.train, "training", data.notes);
  require_trainable(data, config);
  if (config.data.val_classes > 0) hold_classes_out(config, data);
  if (const DataSource source = validation_source(config.data); !source.data.empty()) data.val = read_dataset(source);
  drop_unlabelled(data.val, "validation", data.notes);
  compact_labels(data.train);
  require_trainable(data, config);
  if (!data.val.items.empty()) {
    data.val_has_train_classes = mostly_train_classes(data);
    align_labels(data.val, data.train.label_names);
  }
  data.truth = read_truth(data.train);
  return data;
}

Preprocessing make_preprocessing(const DataOptions& options) {
  Preprocessing out;
  out.size = static_cast<int>(options.size);
  out.crop_ratio = options.crop_ratio;
  out.view = options.view;
  out.reduced_decode = options.reduced_decode;
  return out;
}

LoaderOptions make_loader_options(const DataOptions& options, const std::string& device, bool training) {
  LoaderOptions out;
  out.size = static_cast<int>(options.size);
  out.crop_ratio = options.crop_ratio;
  out.view = options.view;
  out.reduced_decode = options.reduced_decode;
  // A step costs tens of times what its pictures cost, so on a CPU a quarter of the threads keeps the queue full.
  out.threads = static_cast<int>(options.decode_threads);
  if (out.threads == 0 && device == "cpu") out.threads = std::max(1, thread_count() / 4);
  out.prefetch = static_cast<int>(options.prefetch);
  out.max_bad = options.max_bad;
  out.cache = options.cache;
  if (!training) out.cache_bytes /= 2;
  return out;
}

SamplerContext make_sampler_context(const TrainingData& data, const TrainingOptions& options) {
  return {data.train.labels(), data.train.classes(), options.batch, static_cast<uint64_t>(options.seed)};
}

std::unique_ptr<Sampler> make_sampler(const ExperimentConfig& config, const TrainingData& data) {
  const auto options = member_options(config.sampler, sampler_family());
  auto order = sampler_family().maker(config.sampler.name)(*options, make_sampler_context(data, config.training));
  return repeat_views(std::move(order), views_per_picture(config));
}

}  // namespace winnow
