#include "src/workflow/data_text.h"

#include <nlohmann/json.hpp>

#include "src/core/csv.h"
#include "src/workflow/words.h"

namespace winnow {
namespace {

std::string name(const Dataset& data, int64_t position) {
  const Item& item = data.items[static_cast<size_t>(position)];
  return item.path + (item.label < 0 ? "" : " (" + data.label_names[static_cast<size_t>(item.label)] + ")");
}

}  // namespace

nlohmann::ordered_json check_document(const DataCheck& c) {
  nlohmann::ordered_json j = {{"rows", c.rows},
                              {"usable", c.usable},
                              {"classes", c.classes},
                              {"singletons", c.singletons},
                              {"median_per_class", c.median_per_class},
                              {"largest_class", {{"label", c.largest_class}, {"pictures", c.largest_class_size}}},
                              {"duplicates_by_bytes", c.duplicates_by_bytes},
                              {"seconds", c.seconds}};
  j["size"] = {{"min", {c.min_width, c.min_height}}, {"max", {c.max_width, c.max_height}}};
  j["empty_classes"] = c.empty_classes;
  j["rejected"] = nlohmann::json::array();
  for (const auto& r : c.rejected) j["rejected"].push_back({{"row", r.row}, {"path", r.path}, {"reason", r.reason}});
  j["same_picture_two_labels"] = nlohmann::json::array();
  for (const auto& [a, b] : c.same_bytes_two_labels) j["same_picture_two_labels"].push_back({a, b});
  return j;
}

std::string check_text(const DataCheck& c, const std::string& data) {
  std::string out;
  for (const auto& r : c.rejected)
    out += "rejected  row " + std::to_string(r.row) + "  " + r.path + ": " + r.reason + "\n";
  for (const auto& name : c.empty_classes) out += "empty class  " + name + "\n";
  for (const auto& [a, b] : c.same_bytes_two_labels) out += "one picture, two labels  " + a + "  |  " + b + "\n";
  out += std::to_string(c.rows) + " rows   " + std::to_string(c.usable) + " usable   " +
         std::to_string(c.rejected.size()) + " rejected   " + std::to_string(c.duplicates_by_bytes) +
         " duplicates by bytes\n";
  out += std::to_string(c.classes) + " labels   median " + std::to_string(c.median_per_class) + " pictures   " +
         std::to_string(c.singletons) + " singletons   largest '" + c.largest_class + "' with " +
         std::to_string(c.largest_class_size) + "\n";
  out += "sizes from " + std::to_string(c.min_width) + "x" + std::to_string(c.min_height) + " to " +
         std::to_string(c.max_width) + "x" + std::to_string(c.max_height) + "\n";
  return out + "next: winnow init " + data + " --out recipe.yaml\n";
}

void write_rejected(const fs::path& file, const DataCheck& check) {
  std::string text = csv_line({"row", "path", "reason"});
  for (const auto& r : check.rejected) text += csv_line({std::to_string(r.row), r.path, r.reason});
  write_file_atomically(file, text);
}

std::string duplicates_text(const Dataset& data, const DuplicateReport& report) {
  std::string out;
  for (const auto& pair : report.pairs)
    if (data.items[static_cast<size_t>(pair.a)].label != data.items[static_cast<size_t>(pair.b)].label)
      out += "one picture, two labels  " + name(data, pair.a) + "  |  " + name(data, pair.b) +
             words("  difference {}\n", {{pair.difference, 1}});
  for (const auto& cluster : report.clusters) {
    out += words("cluster of {}  diameter {} ", {cluster.items.size(), {cluster.diameter, 1}});
    for (const int64_t i : cluster.items) out += " " + name(data, i);
    out += cluster.two_splits ? "  (in two splits)\n" : "\n";
  }
  for (const auto& fault : report.health)
    out += words("{}  {}  {}\n", {fault.fault, {fault.value, 2}, name(data, fault.item)});
  for (const auto& bad : report.unreadable) out += "unreadable  " + bad + "\n";
  return out +
         words("{} pictures: {} in {} pairs ({} equal byte for byte), {} clusters; {} picture faults, {} unreadable\n",
               {report.pictures, report.in_pairs, report.pairs.size(), report.exact_pairs, report.clusters.size(),
                report.health.size(), report.unreadable.size()});
}

std::string leaks_text(const Dataset& data, const LeakReport& report) {
  std::string out;
  for (const auto& pair : report.pairs) {
    const auto split = [&](int64_t i) { return data.items[static_cast<size_t>(i)].split; };
    out += words("leak  {} [{}]  |  {} [{}]  difference {}\n",
                 {name(data, pair.a), split(pair.a), name(data, pair.b), split(pair.b), {pair.difference, 1}});
  }
  size_t labels = 0;
  for (const auto& overlap : report.overlaps) labels += overlap.kind == "label" ? 1 : 0;
  return out +
         words("{} splits: {} pairs of one picture in two splits; {} labels and {} groups in more than one split\n",
               {report.splits.size(), report.pairs.size(), labels, report.overlaps.size() - labels});
}

SplitSizes split_manifest(const Dataset& dataset, double held_out, uint64_t seed, const fs::path& train_file,
                          const fs::path& held_out_file) {
  const auto side = class_disjoint_split(dataset, held_out, seed);
  std::vector<char> first(side.size()), second(side.size());
  for (size_t i = 0; i < side.size(); ++i) (side[i] == 0 ? first : second)[i] = 1;
  const Dataset a = subset(dataset, first), b = subset(dataset, second);
  write_manifest(train_file, a);
  write_manifest(held_out_file, b);
  return {a.items.size(), b.items.size()};
}

}  // namespace winnow
