// Category-level, re-identification and multi-label sets.
#include <algorithm>
#include <cctype>
#include <set>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"
#include "src/evaluation/protocols/items.h"

namespace winnow {
namespace {

using namespace protocols;

/// Collects listed pictures into a task and notes those that were not embedded.
class TaskBuilder {
 public:
  explicit TaskBuilder(const ProtocolInput& input, bool with_extension = true)
      : input_(input), queries_(input.queries.paths, with_extension), gallery_(input.gallery.paths, with_extension) {}

  void add(bool query, bool gallery, std::string_view name, int64_t label) {
    if (query) put(queries_, name, label, task.queries, task.query_labels);
    if (gallery) put(gallery_, name, label, task.gallery, task.gallery_labels);
  }
  ProtocolPlan plan() {
    ProtocolPlan out;
    note_missing(out, missing_, listed_, first_, "pictures");
    const auto total = static_cast<int64_t>(input_.gallery.paths.size());
    if (const auto used = static_cast<int64_t>(task.gallery.size()); used < total)
      out.notes.push_back(std::to_string(total - used) + " embedded pictures are not part of the gallery and left out");
    out.tasks.push_back(std::move(task));
    return out;
  }
  RetrievalTask task;

 private:
  void put(ItemFinder& finder, std::string_view name, int64_t label, std::vector<int64_t>& rows,
           std::vector<int64_t>& labels) {
    ++listed_;
    const int64_t row = finder.find(name);
    if (row < 0) {
      if (missing_++ == 0) first_ = std::string(name);
      return;
    }
    rows.push_back(row);
    labels.push_back(label);
  }
  const ProtocolInput& input_;
  ItemFinder queries_, gallery_;
  int64_t missing_ = 0, listed_ = 0;
  std::string first_;
};

/// Column `wanted` of a CUB file "id value", by id.
std::vector<std::string> cub_column(const fs::path& file) {
  std::vector<std::string> out;
  for_each_line(file, [&](int64_t number, const std::vector<std::string_view>& fields) {
    if (fields.size() != 2) fail_line(file, number, "an id and a value are required");
    if (integer_field(file, number, fields[0]) != static_cast<int64_t>(out.size()) + 1)
      fail_line(file, number, "ids must count from 1 without gaps");
    out.emplace_back(fields[1]);
  });
  return out;
}

ProtocolPlan plan_cub_where(const ProtocolInput& input, bool zero_shot) {
  const auto images = cub_column(input.truth / "images.txt"),
             classes = cub_column(input.truth / "image_class_labels.txt");
  std::vector<std::string> training;
  if (!zero_shot) training = cub_column(input.truth / "train_test_split.txt");
  if (classes.size() != images.size() || (!zero_shot && training.size() != images.size()))
    throw Error(ErrorCode::kData, "[protocol] the files of " + input.truth.string() +
                                      " must list equally many pictures, given " + std::to_string(images.size()) +
                                      " and " + std::to_string(classes.size()));
  TaskBuilder builder(input);
  for (size_t i = 0; i < images.size(); ++i) {
    const int64_t label =
        integer_field(input.truth / "image_class_labels.txt", static_cast<int64_t>(i) + 1, classes[i]);
    if (zero_shot ? label > 100 : training[i] == "0") builder.add(true, true, images[i], label);
  }
  return builder.plan();
}

/// Person and camera of "0002_c1s1_000451_03.jpg", "0002_c002_00030600_0.jpg" or MSMT17's "0000_000_01_0303morning".
struct ReidName {
  int64_t person, camera;
};
ReidName reid_name(const std::string& path) {
  const auto parts = split(stem_of(path), '_');
  const auto person = parts.empty() ? std::nullopt : parse_int(parts[0]);
  if (person && parts.size() >= 2 && !parts[1].empty() && parts[1][0] == 'c') {
    size_t end = 1;
    while (end < parts[1].size() && std::isdigit(static_cast<unsigned char>(parts[1][end]))) ++end;
    if (const auto camera = parse_int(std::string_view(parts[1]).substr(1, end - 1))) return {*person, *camera};
  }
  if (person && parts.size() >= 4)
    if (const auto camera = parse_int(parts[2])) return {*person, *camera};
  throw Error(
      ErrorCode::kData,
      "[protocol] names must read PERSON_cCAMERA..., or PERSON_N_CAMERA_... (MSMT17), given '" + shown(path) + "'");
}

std::vector<std::string> sorted_distinct(const std::vector<std::string>& labels) {
  const std::set<std::string> all(labels.begin(), labels.end());
  return {all.begin(), all.end()};
}

}  // namespace

ProtocolPlan plan_cub(const ProtocolInput& input) { return plan_cub_where(input, true); }
ProtocolPlan plan_cub_classes(const ProtocolInput& input) { return plan_cub_where(input, false); }

ProtocolPlan plan_sop(const ProtocolInput& input) {
  TaskBuilder builder(input);
  for_each_line(input.truth, [&](int64_t number, const std::vector<std::string_view>& fields) {
    if (fields.size() != 4) fail_line(input.truth, number, "image_id class_id super_class_id path are required");
    if (number > 1) builder.add(true, true, fields[3], integer_field(input.truth, number, fields[1]));
  });
  return builder.plan();
}

ProtocolPlan plan_inshop(const ProtocolInput& input) {
  TaskBuilder builder(input);
  Numbers items;
  int64_t announced = 0, seen = 0;
  for_each_line(input.truth, [&](int64_t number, const std::vector<std::string_view>& fields) {
    if (number == 1) {
      announced = integer_field(input.truth, number, fields[0]);
    } else if (number > 2) {
      if (fields.size() != 3) fail_line(input.truth, number, "image_name item_id evaluation_status are required");
      ++seen;
      const bool query = fields[2] == "query", gallery = fields[2] == "gallery";
      if (!query && !gallery && fields[2] != "train")
        fail_line(input.truth, number, "evaluation_status must be train, query or gallery");
      builder.add(query, gallery, fields[0], items.of(std::string(fields[1])));
    }
  });
  if (announced != seen)
    throw Error(ErrorCode::kData, input.truth.string() + ": line 1 announces " + std::to_string(announced) +
                                      " pictures, but " + std::to_string(seen) + " are listed (truncated)");
  return builder.plan();
}

ProtocolPlan plan_reid(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  int64_t junk = 0, distractors = 0;
  for (const bool query : {true, false}) {
    const auto& paths = query ? input.queries.paths : input.gallery.paths;
    for (size_t row = 0; row < paths.size(); ++row) {
      const auto [person, camera] = reid_name(paths[row]);
      if (person < 0) {
        ++junk;
        continue;
      }
      distractors += !query && person == 0 ? 1 : 0;
      (query ? task.queries : task.gallery).push_back(static_cast<int64_t>(row));
      // Distractors are nobody: they stay in the gallery and are never relevant.
      (query ? task.query_labels : task.gallery_labels).push_back(person);
      (query ? task.query_camera : task.gallery_camera).push_back(camera);
    }
  }
  if (junk > 0) plan.notes.push_back(std::to_string(junk) + " junk detections (person -1) were dropped");
  if (distractors > 0)
    plan.notes.push_back(std::to_string(distractors) + " gallery pictures of person 0 (Market's distractors) are kept");
  plan.tasks.push_back(std::move(task));
  return plan;
}

ProtocolPlan plan_multilabel(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  ItemFinder queries(input.queries.paths, true), gallery(input.gallery.paths, true);
  size_t classes = 0;
  int64_t listed = 0, missing = 0;
  std::string first;
  for_each_line(input.truth, [&](int64_t number, const std::vector<std::string_view>& fields) {
    if (fields.size() < 2 || (classes != 0 && fields.size() != classes + 1))
      fail_line(input.truth, number,
                "a path and " + std::to_string(std::max<size_t>(classes, 1)) + " flags are required");
    classes = fields.size() - 1;
    task.words = static_cast<int64_t>((classes + 63) / 64);
    std::vector<uint64_t> bits(static_cast<size_t>(task.words));
    for (size_t c = 0; c < classes; ++c) {
      if (fields[c + 1] != "0" && fields[c + 1] != "1") fail_line(input.truth, number, "flags must be 0 or 1");
      if (fields[c + 1] == "1") bits[c / 64] |= uint64_t{1} << c % 64;
    }
    ++listed;
    const int64_t query = queries.find(fields[0]), item = gallery.find(fields[0]);
    if (query < 0 && item < 0 && missing++ == 0) first = std::string(fields[0]);
    if (query >= 0) {
      task.queries.push_back(query);
      task.query_labels.push_back(query);
      task.query_bits.insert(task.query_bits.end(), bits.begin(), bits.end());
    }
    if (item >= 0) {
      task.gallery.push_back(item);
      task.gallery_labels.push_back(item);
      task.gallery_bits.insert(task.gallery_bits.end(), bits.begin(), bits.end());
    }
  });
  note_missing(plan, missing, listed, first, "pictures");
  plan.tasks.push_back(std::move(task));
  return plan;
}

ProtocolPlan plan_oml(const ProtocolInput& input) {
  const Csv csv = read_csv(input.truth);
  const auto path = static_cast<size_t>(csv.require_column("path")),
             label = static_cast<size_t>(csv.require_column("label"));
  const int split_column = csv.column("split"), query_column = csv.column("is_query"),
            gallery_column = csv.column("is_gallery");
  TaskBuilder builder(input);
  Numbers labels;
  const auto flag = [&](size_t i, int column) {
    if (column < 0) return true;
    const std::string value = lower(csv.rows[i][static_cast<size_t>(column)]);
    if (value == "true" || value == "1" || value == "1.0") return true;
    if (!value.empty() && value != "false" && value != "0" && value != "0.0")
      fail_line(input.truth, csv.lines[i], "is_query and is_gallery must be True or False, given '" + value + "'");
    return false;
  };
  for (size_t i = 0; i < csv.rows.size(); ++i) {
    if (split_column >= 0 && csv.rows[i][static_cast<size_t>(split_column)] == "train") continue;
    builder.add(flag(i, query_column), flag(i, gallery_column), csv.rows[i][path], labels.of(csv.rows[i][label]));
  }
  return builder.plan();
}

ProtocolPlan plan_labels(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  Numbers numbers;
  for (const bool query : {true, false}) {
    const auto& labels = query ? input.queries.labels : input.gallery.labels;
    for (size_t row = 0; row < labels.size(); ++row) {
      (query ? task.queries : task.gallery).push_back(static_cast<int64_t>(row));
      (query ? task.query_labels : task.gallery_labels).push_back(labels[row].empty() ? -1 : numbers.of(labels[row]));
    }
  }
  plan.tasks.push_back(std::move(task));
  return plan;
}

ProtocolPlan plan_second_half(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  const auto classes = sorted_distinct(input.gallery.labels);
  // Classes that a folder of the test half alone holds are all of it.
  const size_t first = classes.size() > 100 ? classes.size() / 2 : 0;
  for (const bool query : {true, false}) {
    const auto& labels = query ? input.queries.labels : input.gallery.labels;
    for (size_t row = 0; row < labels.size(); ++row) {
      const auto at = std::lower_bound(classes.begin(), classes.end(), labels[row]) - classes.begin();
      if (at < static_cast<int64_t>(first) || labels[row].empty()) continue;
      (query ? task.queries : task.gallery).push_back(static_cast<int64_t>(row));
      (query ? task.query_labels : task.gallery_labels).push_back(at);
    }
  }
  plan.notes.push_back("classes by name; " + std::to_string(classes.size() - first) + " of " +
                       std::to_string(classes.size()) + " take part");
  plan.tasks.push_back(std::move(task));
  return plan;
}

}  // namespace winnow
