#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/workflow/data_duplicates.h"

namespace winnow {
namespace {

std::string label_of(const Dataset& dataset, const Item& item) {
  return item.label < 0 ? "" : dataset.label_names[static_cast<size_t>(item.label)];
}

nlohmann::ordered_json side(const Dataset& dataset, int64_t position) {
  const Item& item = dataset.items[static_cast<size_t>(position)];
  return {{"row", item.row}, {"path", item.path}, {"label", label_of(dataset, item)}, {"split", item.split}};
}

nlohmann::ordered_json pair_json(const Dataset& dataset, const DuplicatePair& pair) {
  return {{"a", side(dataset, pair.a)},
          {"b", side(dataset, pair.b)},
          {"difference", pair.difference},
          {"same_bytes", pair.same_bytes}};
}

/// Two stores as one: a path is prefixed by its side.
class JoinedStore : public ImageStore {
 public:
  JoinedStore(std::shared_ptr<ImageStore> a, std::shared_ptr<ImageStore> b) : sides_{std::move(a), std::move(b)} {}
  std::vector<std::byte> read(const std::string& path) const override {
    return sides_[index(path)]->read(path.substr(2));
  }
  bool contains(const std::string& path) const override { return sides_[index(path)]->contains(path.substr(2)); }

 private:
  static size_t index(const std::string& path) { return path.rfind("2:", 0) == 0 ? 1 : 0; }
  std::shared_ptr<ImageStore> sides_[2];
};

}  // namespace

LeakReport find_leaks(const Dataset& dataset, const DuplicateReport& duplicates) {
  LeakReport out;
  std::set<std::string> splits;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> where;
  for (const auto& item : dataset.items) {
    splits.insert(item.split);
    if (item.label >= 0) where[{"label", label_of(dataset, item)}].insert(item.split);
    if (!item.group.empty()) where[{"group", item.group}].insert(item.split);
  }
  out.splits.assign(splits.begin(), splits.end());
  if (splits.size() < 2)
    throw Error(ErrorCode::kData,
                "[leak] at least two splits are required: a column `split` in " + dataset.name + " or --against DATA");
  for (const auto& pair : duplicates.pairs)
    if (dataset.items[static_cast<size_t>(pair.a)].split != dataset.items[static_cast<size_t>(pair.b)].split)
      out.pairs.push_back(pair);
  for (const auto& [what, in] : where)
    if (in.size() > 1) out.overlaps.push_back({what.first, what.second, {in.begin(), in.end()}});
  return out;
}

Dataset join_datasets(const Dataset& first, const Dataset& second) {
  Dataset out = first, more = second;
  align_labels(more, first.label_names);
  out.label_names = more.label_names;
  out.store = std::make_shared<JoinedStore>(first.store, second.store);
  for (auto& item : out.items) {
    item.path = "1:" + item.path;
    if (item.split.empty()) item.split = "first";
  }
  for (auto item : more.items) {
    item.path = "2:" + item.path;
    item.split = item.split.empty() || second.items.empty() ? "second" : "second " + item.split;
    out.items.push_back(std::move(item));
  }
  return out;
}

nlohmann::ordered_json duplicates_document(const Dataset& dataset, const DuplicateReport& report) {
  nlohmann::ordered_json out = {{"pictures", report.pictures},          {"pairs", report.pairs.size()},
                                {"pictures_in_pairs", report.in_pairs}, {"exact_pairs", report.exact_pairs},
                                {"clusters", report.clusters.size()},   {"unreadable", report.unreadable}};
  out["two_labels"] = nlohmann::json::array();
  out["pair_list"] = nlohmann::json::array();
  for (const auto& pair : report.pairs) {
    const bool two =
        dataset.items[static_cast<size_t>(pair.a)].label != dataset.items[static_cast<size_t>(pair.b)].label;
    if (two) out["two_labels"].push_back(pair_json(dataset, pair));
    out["pair_list"].push_back(pair_json(dataset, pair));
  }
  out["cluster_list"] = nlohmann::json::array();
  for (const auto& cluster : report.clusters) {
    nlohmann::ordered_json rows = nlohmann::json::array();
    for (const int64_t i : cluster.items) rows.push_back(side(dataset, i));
    out["cluster_list"].push_back({{"items", rows},
                                   {"diameter", cluster.diameter},
                                   {"two_labels", cluster.two_labels},
                                   {"two_splits", cluster.two_splits}});
  }
  out["health"] = nlohmann::json::array();
  for (const auto& fault : report.health) {
    auto row = side(dataset, fault.item);
    row["fault"] = fault.fault;
    row["value"] = fault.value;
    out["health"].push_back(row);
  }
  return out;
}

nlohmann::ordered_json leaks_document(const Dataset& dataset, const LeakReport& report) {
  nlohmann::ordered_json out = {{"splits", report.splits}, {"pairs", report.pairs.size()}};
  out["pair_list"] = nlohmann::json::array();
  for (const auto& pair : report.pairs) out["pair_list"].push_back(pair_json(dataset, pair));
  out["overlaps"] = nlohmann::json::array();
  for (const auto& overlap : report.overlaps)
    out["overlaps"].push_back({{"kind", overlap.kind}, {"name", overlap.name}, {"splits", overlap.splits}});
  return out;
}

void write_pairs_csv(const fs::path& file, const Dataset& dataset, const std::vector<DuplicatePair>& pairs) {
  AtomicFile out(file);
  out.write(csv_line({"row_a", "path_a", "label_a", "split_a", "row_b", "path_b", "label_b", "split_b", "difference",
                      "same_bytes", "two_labels"}));
  for (const auto& pair : pairs) {
    const Item &a = dataset.items[static_cast<size_t>(pair.a)], &b = dataset.items[static_cast<size_t>(pair.b)];
    out.write(csv_line({std::to_string(a.row), a.path, label_of(dataset, a), a.split, std::to_string(b.row), b.path,
                        label_of(dataset, b), b.split, format_number(pair.difference, 2), pair.same_bytes ? "1" : "0",
                        a.label != b.label ? "1" : "0"}));
  }
  out.commit();
}

}  // namespace winnow
