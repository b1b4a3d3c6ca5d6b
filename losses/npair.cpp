#include "losses/npair.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <vector>

#include "src/core/error.h"

namespace winnow {
namespace {

/// Positions of the two items of each class with the smallest rows, classes in order.
std::pair<std::vector<int64_t>, std::vector<int64_t>> first_pairs(const PairView& view) {
  const auto labels = view.labels.to(at::kCPU).contiguous();
  const auto rows = view.batch->rows.defined() ? view.batch->rows.to(at::kCPU).contiguous() : at::Tensor();
  std::map<int64_t, std::vector<std::pair<int64_t, int64_t>>> classes;  // label -> (row, position)
  for (int64_t i = 0; i < labels.size(0); ++i)
    classes[labels.data_ptr<int64_t>()[i]].emplace_back(rows.defined() ? rows.data_ptr<int64_t>()[i] : i, i);
  std::pair<std::vector<int64_t>, std::vector<int64_t>> out;
  for (auto& [label, members] : classes) {
    if (members.size() < 2) continue;
    std::sort(members.begin(), members.end());
    out.first.push_back(members[0].second);
    out.second.push_back(members[1].second);
  }
  return out;
}

}  // namespace

void NPairOptions::visit(OptionVisitor& v) {
  v.choice("input", input, {"raw", "unit"}, "embeddings before or after normalisation");
  PairOptions::visit(v);
}

void NPair::add_items(const PairView& view, LossResult& result) {
  const bool raw = options_.input == "raw";
  if (raw && !view.batch->raw.defined())
    throw Error(ErrorCode::kShape, "[npair] input: raw requires raw embeddings, got nothing");
  const auto x = raw ? view.batch->raw.to(dtype()) : view.z;
  const auto pairs = first_pairs(view);
  const auto position = [&](const std::vector<int64_t>& places) {
    return at::tensor(places, at::TensorOptions(at::kLong)).to(x.device());
  };
  const auto anchors = position(pairs.first), positives = position(pairs.second);
  const auto scores = at::mm(x.index_select(0, anchors), x.index_select(0, positives).t());
  const auto values = -at::log_softmax(scores, 1).diagonal();
  result.items.push_back(triplet_items(view, ItemKind::kPositivePair, anchors, positives, values));
}

}  // namespace winnow
