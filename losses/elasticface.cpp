#include "losses/elasticface.h"

#include <ATen/ATen.h>

#include <vector>

#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {

void ElasticFaceOptions::visit(OptionVisitor& v) {
  v.choice("kind", kind, {"arc", "cos"}, "margin on the angle or on the cosine");
  v.number("margin", margin, 0.0, 1.5, "mean of the margins");
  v.number("deviation", deviation, 0.0, 0.5, "standard deviation of the margins");
  v.boolean("plus", plus, "the hardest pictures of a batch get the largest margins");
  MarginOptions::visit(v);
}

void ElasticFace::begin(const LossBatch& batch, const at::Tensor& cosine) {
  if (!batch.rows.defined()) throw Error(ErrorCode::kShape, "[elasticface] rows are required, got nothing");
  const auto rows = batch.rows.to(at::kCPU).contiguous();
  std::vector<double> drawn(static_cast<size_t>(rows.size(0)));
  for (size_t i = 0; i < drawn.size(); ++i) {
    Random random(seed_, "elasticface", static_cast<uint64_t>(rows.data_ptr<int64_t>()[i]),
                  static_cast<uint64_t>(batch.step));
    drawn[i] = options_.margin + options_.deviation * random.normal();
  }
  margin_ = at::tensor(drawn, at::TensorOptions(at::kDouble)).to(cosine.device(), cosine.scalar_type());
  if (options_.plus) {
    const auto own = cosine.gather(1, batch.labels.unsqueeze(1)).squeeze(1);
    const auto hardest_first = own.argsort(true, 0, false);
    margin_ = at::empty_like(margin_).scatter(0, hardest_first, std::get<0>(margin_.sort(0, true)));
  }
  margin_ = margin_ * ramp(batch);
}

at::Tensor ElasticFace::target_cosine(const at::Tensor& cosine, const at::Tensor& items) const {
  const auto margin = column(margin_, items);
  return options_.kind == "cos" ? cosine - margin : add_angle(cosine, margin, true);
}

}  // namespace winnow
