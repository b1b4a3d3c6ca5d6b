#include "src/training/trust_file.h"

#include <ATen/core/Tensor.h>

#include <cmath>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/tables.h"

namespace winnow {

void write_trust(const fs::path& file, const TrainingData& data, const TrustTable& table) {
  const auto items = static_cast<int64_t>(data.train.items.size());
  if (table.trust.numel() != items || table.score.numel() != items)
    throw Error(ErrorCode::kShape, "[trust] the table must have " + std::to_string(items) + " rows, got " +
                                       std::to_string(table.trust.numel()) + " and " +
                                       std::to_string(table.score.numel()));
  const auto trust = table.trust.to(at::kCPU, at::kDouble).contiguous();
  const auto score = table.score.to(at::kCPU, at::kDouble).contiguous();
  AtomicFile out(file);
  out.write(csv_line({"row", "path", "label", "trust", "score"}));
  for (int64_t i = 0; i < items; ++i) {
    const Item& item = data.train.items[static_cast<size_t>(i)];
    const double value = score.const_data_ptr<double>()[i];
    out.write(csv_line({std::to_string(item.row), item.path, data.train.label_names[static_cast<size_t>(item.label)],
                        format_number(trust.const_data_ptr<double>()[i], 6),
                        std::isnan(value) ? "" : format_number(value, 6)}));
  }
  out.commit();
}

}  // namespace winnow
