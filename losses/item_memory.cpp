#include "losses/item_memory.h"

#include <ATen/ATen.h>

#include <unordered_set>

#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr int64_t kDenseBytes = int64_t{256} << 20;  // above this only the largest predictions of an item are kept
constexpr int64_t kSparseTop = 5;

void require_items(const char* where, const LossContext& context) {
  if (context.items < 1)
    throw Error(ErrorCode::kConfig, std::string("[") + where + "] the number of training pictures is required, got 0");
}

}  // namespace

void require_rows(const char* where, const at::Tensor& rows, int64_t items) {
  if (!rows.defined() || rows.scalar_type() != at::kLong || rows.numel() == 0)
    throw Error(ErrorCode::kShape, std::string("[") + where + "] rows must be Long [B], got " + describe_tensor(rows));
  const auto low = rows.min().item<int64_t>(), high = rows.max().item<int64_t>();
  if (low < 0 || high >= items)
    throw Error(ErrorCode::kData, std::string("[") + where + "] rows must be in [0, " + std::to_string(items) +
                                      "), got " + std::to_string(low < 0 ? low : high));
}

at::Tensor last_positions(const at::Tensor& rows) {
  const auto on_host = rows.to(at::kCPU).contiguous();
  const auto* row = on_host.data_ptr<int64_t>();
  std::unordered_set<int64_t> seen;
  std::vector<int64_t> positions;
  for (int64_t i = on_host.size(0); i-- > 0;)
    if (seen.insert(row[i]).second) positions.push_back(i);
  return at::tensor(std::vector<int64_t>(positions.rbegin(), positions.rend()), at::TensorOptions(at::kLong))
      .to(rows.device());
}

PredictionMemory::PredictionMemory(double decay, int64_t top, const LossContext& context)
    : decay_(decay), classes_(context.classes) {
  require_items("prediction memory", context);
  const auto floats = at::TensorOptions(context.dtype).device(context.device);
  const bool keep_all = top <= 0 || top >= classes_;
  q_ = at::zeros({context.items, keep_all ? classes_ : top}, floats);
  seen_ = at::zeros({context.items}, floats.dtype(at::kBool));
  if (!keep_all) classes_kept_ = at::zeros({context.items, top}, floats.dtype(at::kInt));
}

at::Tensor PredictionMemory::recall(const at::Tensor& rows) const {
  const auto stored = q_.index_select(0, rows);
  if (!sparse()) return stored;
  // Unused places hold (class 0, 0), so the values are added, not set.
  return at::zeros({rows.size(0), classes_}, q_.options())
      .scatter_add(1, classes_kept_.index_select(0, rows).to(at::kLong), stored);
}

void PredictionMemory::store(const at::Tensor& rows, const at::Tensor& q) {
  if (sparse()) {
    const auto [values, classes] = q.topk(q_.size(1), 1);
    q_.index_copy_(0, rows, values);
    classes_kept_.index_copy_(0, rows, classes.to(at::kInt));
  } else {
    q_.index_copy_(0, rows, q);
  }
  seen_.index_fill_(0, rows, true);
}

at::Tensor PredictionMemory::peek(const at::Tensor& rows, const at::Tensor& p, const at::Tensor& first) const {
  require_rows("prediction memory", rows, q_.size(0));
  const auto now = p.to(q_.scalar_type());
  const auto seen = seen_.index_select(0, rows).unsqueeze(1);
  const auto mixed = [&](const at::Tensor& old) { return decay_ * old + (1 - decay_) * now; };
  return at::where(seen, mixed(recall(rows)), first.defined() ? mixed(first.to(q_.scalar_type())) : now);
}

at::Tensor PredictionMemory::update(const at::Tensor& rows, const at::Tensor& p, const at::Tensor& first) {
  const auto q = peek(rows, p, first);
  const auto last = last_positions(rows);
  store(rows.index_select(0, last), q.index_select(0, last));
  return q;
}

LossState PredictionMemory::state() const {
  LossState out{{"prediction.q", q_}, {"prediction.seen", seen_}};
  if (sparse()) out.emplace_back("prediction.classes", classes_kept_);
  return out;
}

int64_t entries_to_keep(int64_t wanted, const LossContext& context) {
  if (wanted > 0) return wanted;
  const auto bytes = context.items * context.classes * static_cast<int64_t>(at::elementSize(context.dtype));
  return bytes > kDenseBytes ? kSparseTop : 0;
}

StableChoice::StableChoice(const LossContext& context) {
  require_items("stable choice", context);
  const auto integers = at::TensorOptions(at::kLong).device(context.device);
  last_ = at::full({context.items}, -1, integers);
  visits_ = at::zeros({context.items}, integers);
}

at::Tensor StableChoice::update(const at::Tensor& rows, const at::Tensor& predicted) {
  require_rows("stable choice", rows, last_.size(0));
  const auto same = last_.index_select(0, rows).eq(predicted);
  const auto visits = at::where(same, visits_.index_select(0, rows) + 1, at::ones_like(rows));
  const auto last = last_positions(rows);
  const auto unique = rows.index_select(0, last);
  last_.index_copy_(0, unique, predicted.index_select(0, last));
  visits_.index_copy_(0, unique, visits.index_select(0, last));
  return visits;
}

}  // namespace winnow
