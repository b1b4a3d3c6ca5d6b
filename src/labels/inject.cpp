#include "src/labels/inject.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/core/text.h"
#include "src/labels/inject_vectors.h"

namespace winnow {
namespace {

[[noreturn]] void usage(const std::string& what) { throw Error(ErrorCode::kUsage, "[noise] " + what); }

void check_type(const InjectOptions& o, int64_t classes, int64_t rows) {
  const auto& types = inject_types();
  if (std::find(types.begin(), types.end(), o.type) == types.end()) {
    const auto near = nearest_name(o.type, types);
    usage("the type must be one of " + join(types, ", ") + "; got '" + o.type + "'" +
          (near ? " (did you mean '" + *near + "'?)" : ""));
  }
  const auto c = static_cast<size_t>(classes);
  if (o.type == "map") {
    if (o.map.size() != c)
      usage("a map of " + std::to_string(classes) + " classes is required, got " + std::to_string(o.map.size()));
    for (const int64_t to : o.map)
      if (to < -1 || to >= classes)
        usage("the map's classes must be in 0.." + std::to_string(classes - 1) + ", got " + std::to_string(to));
  }
  if (o.type == "superclass" && o.superclass.size() != c)
    usage("a superclass for each of " + std::to_string(classes) + " classes is required, got " +
          std::to_string(o.superclass.size()));
  if ((o.type == "instance" || o.type == "cluster") && o.vectors.rows != rows)
    usage("the type " + o.type + " needs one vector an item, got " + std::to_string(o.vectors.rows) + " for " +
          std::to_string(rows));
  if (o.type == "cluster" && o.cluster_size < 1) usage("clusters of at least 1 item are required");
  if (o.type == "open-set" && (o.open_classes < 1 || o.open_classes > classes - 2))
    usage("1.." + std::to_string(classes - 2) + " left-out classes are required, got " +
          std::to_string(o.open_classes));
}

void check(std::span<const int64_t> labels, int64_t classes, const InjectOptions& options) {
  if (!(options.rate >= 0.0 && options.rate <= 1.0))
    usage("the rate must be in 0..1, got " + std::to_string(options.rate));
  if (classes < 2)
    throw Error(ErrorCode::kData, "[noise] at least 2 classes are required, got " + std::to_string(classes));
  check_type(options, classes, static_cast<int64_t>(labels.size()));
  for (size_t row = 0; row < labels.size(); ++row)
    if (labels[row] < 0 || labels[row] >= classes)
      throw Error(ErrorCode::kData, "[noise] row " + std::to_string(row) + ": the label must be in 0.." +
                                        std::to_string(classes - 1) + ", got " + std::to_string(labels[row]));
}

/// The classes that a class may become.
std::vector<int64_t> targets_of(int64_t label, int64_t classes, const InjectOptions& o) {
  if (o.type == "pair") return {(label + 1) % classes};
  std::vector<int64_t> out;
  if (o.type == "map") {
    const int64_t to = o.map[static_cast<size_t>(label)];
    if (to >= 0 && to != label) out.push_back(to);
    return out;
  }
  for (int64_t k = 0; k < classes; ++k) {
    if (k == label && o.type != "symmetric-own") continue;
    if (o.type == "superclass" && o.superclass[static_cast<size_t>(k)] != o.superclass[static_cast<size_t>(label)])
      continue;
    out.push_back(k);
  }
  return out;
}

/// The drawn ones of `rows`, in the order of drawing: more of them at a higher rate, never others.
std::vector<size_t> draw_rows(std::vector<size_t> rows, const InjectOptions& o) {
  if (!o.exact) {
    std::erase_if(rows, [&](size_t row) { return !Random(o.seed, "noise-chance", row).chance(o.rate); });
    return rows;
  }
  const auto count = static_cast<size_t>(std::llround(o.rate * static_cast<double>(rows.size())));
  Random pick(o.seed, "noise-rows");
  for (size_t i = 0; i < count; ++i) std::swap(rows[i], rows[i + pick.below(rows.size() - i)]);
  rows.resize(count);
  return rows;
}

void change_by_class(InjectedLabels& out, int64_t classes, const InjectOptions& o) {
  std::vector<std::vector<int64_t>> targets;
  for (int64_t k = 0; k < classes; ++k) targets.push_back(targets_of(k, classes, o));
  std::vector<size_t> rows;
  for (size_t i = 0; i < out.labels.size(); ++i)
    if (!targets[static_cast<size_t>(out.labels[i])].empty()) rows.push_back(i);
  if (rows.empty() && !out.labels.empty()) usage("no class may become another one by this " + o.type);
  for (const size_t row : draw_rows(std::move(rows), o)) {
    const auto& to = targets[static_cast<size_t>(out.labels[row])];
    // Keyed by the row, so that the same row gets the same wrong label at every rate.
    out.labels[row] = to[Random(o.seed, "noise-label", row).below(to.size())];
  }
}

/// Some classes are left out; their rows come back as strangers until they are `rate` of what is kept.
void add_strangers(InjectedLabels& out, int64_t classes, const InjectOptions& o) {
  std::vector<int64_t> order(static_cast<size_t>(classes));
  std::iota(order.begin(), order.end(), int64_t{0});
  Random(o.seed, "noise-open").shuffle(order);
  const std::vector<int64_t> known(order.begin() + o.open_classes, order.end());
  std::vector<char> left_out(static_cast<size_t>(classes), 1);
  for (const int64_t k : known) left_out[static_cast<size_t>(k)] = 0;
  std::vector<size_t> pool;
  for (size_t i = 0; i < out.labels.size(); ++i)
    if (left_out[static_cast<size_t>(out.labels[i])] != 0) pool.push_back(i);
  const double right = static_cast<double>(out.labels.size() - pool.size());
  const double wanted =
      o.rate < 1 ? std::nearbyint(o.rate / (1 - o.rate) * right) : static_cast<double>(out.labels.size());
  if (wanted > static_cast<double>(pool.size()))
    usage("the left-out classes have " + std::to_string(pool.size()) + " items, this rate needs " +
          std::to_string(std::llround(wanted)));
  Random(o.seed, "noise-rows").shuffle(pool);
  for (size_t i = 0; i < pool.size(); ++i) {
    if (i >= static_cast<size_t>(wanted))
      out.keep[pool[i]] = 0;
    else
      out.labels[pool[i]] = known[Random(o.seed, "noise-label", pool[i]).below(known.size())];
  }
}

}  // namespace

const std::vector<std::string>& inject_types() {
  static const std::vector<std::string> types = {"symmetric",  "symmetric-own", "pair",    "map",
                                                 "superclass", "instance",      "cluster", "open-set"};
  return types;
}

InjectedLabels inject_noise(std::span<const int64_t> labels, int64_t classes, const InjectOptions& options) {
  check(labels, classes, options);
  InjectedLabels out{{labels.begin(), labels.end()}, std::vector<char>(labels.size(), 1), 0, 0};
  if (options.type == "open-set")
    add_strangers(out, classes, options);
  else if (options.type == "instance")
    change_by_instance(out, classes, options);
  else if (options.type == "cluster")
    change_by_cluster(out, classes, options);
  else
    change_by_class(out, classes, options);
  int64_t kept = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    kept += out.keep[i];
    out.changed += out.keep[i] != 0 && out.labels[i] != labels[i] ? 1 : 0;
  }
  if (kept > 0) out.realised_rate = static_cast<double>(out.changed) / static_cast<double>(kept);
  return out;
}

}  // namespace winnow
