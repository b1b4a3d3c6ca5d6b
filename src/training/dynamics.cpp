#include "src/training/dynamics.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "src/core/csv.h"
#include "src/core/tables.h"

namespace winnow {
namespace {

constexpr int64_t kDenseBytes = int64_t{64} << 20, kSparseTop = 5, kRowsAtOnce = 4096;

int64_t kept_classes(const LossContext& context) {
  return context.items * context.classes * 4 > kDenseBytes ? kSparseTop : 0;
}

/// A window of a third of the epochs.
double decay_of(const LossContext& context) {
  const auto epochs = static_cast<double>(context.total_steps) / static_cast<double>(context.steps_per_epoch);
  return std::clamp(1 - 3 / epochs, 0.5, 0.95);
}

/// @param p  the average, C values; null for a picture that was never seen
std::string csv_row(const Dataset& pictures, int64_t position, const float* p) {
  const Item& item = pictures.items[static_cast<size_t>(position)];
  const auto name = [&](int64_t label) { return pictures.label_names[static_cast<size_t>(label)]; };
  std::vector<std::string> fields{std::to_string(item.row), item.path, name(item.label), "", "", "", ""};
  if (p == nullptr) return csv_line(fields);
  int64_t other = item.label == 0 ? 1 : 0;
  double squares = 0;
  for (int64_t c = 0; c < pictures.classes(); ++c) {
    squares += static_cast<double>(p[c]) * static_cast<double>(p[c]);
    if (c != item.label && p[c] > p[other]) other = c;
  }
  fields[3] = format_number(static_cast<double>(p[item.label]), 6);
  fields[4] = name(other);
  fields[5] = format_number(static_cast<double>(p[other]), 6);
  fields[6] = format_number(squares, 6);
  return csv_line(fields);
}

}  // namespace

TrainingDynamics::TrainingDynamics(const LossContext& context)
    : memory_(decay_of(context), kept_classes(context), context) {}

void TrainingDynamics::observe(const LossBatch& batch, const at::Tensor& logits) {
  memory_.update(batch.rows, at::softmax(logits, 1));
}

void TrainingDynamics::write(const fs::path& file, const TrainingData& data) const {
  const auto items = static_cast<int64_t>(data.train.items.size());
  AtomicFile out(file);
  out.write(csv_line({"row", "path", "label", "own", "other", "other_share", "squares"}));
  for (int64_t begin = 0; begin < items; begin += kRowsAtOnce) {
    const int64_t end = std::min(items, begin + kRowsAtOnce);
    const auto rows = at::arange(begin, end, at::TensorOptions(at::kLong).device(memory_.seen().device()));
    const auto q = memory_.recall(rows).to(at::kCPU, at::kFloat).contiguous();
    const auto seen = memory_.seen().slice(0, begin, end).to(at::kCPU).contiguous();
    for (int64_t i = 0; i < end - begin; ++i)
      out.write(csv_row(data.train, begin + i,
                        seen.const_data_ptr<bool>()[i] ? q.const_data_ptr<float>() + i * q.size(1) : nullptr));
  }
  out.commit();
}

}  // namespace winnow
