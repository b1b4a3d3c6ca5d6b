#include "data/repeated_views.h"

#include <utility>

namespace winnow {
namespace {

class RepeatedViews : public Sampler {
 public:
  RepeatedViews(std::unique_ptr<Sampler> order, int64_t views) : order_(std::move(order)), views_(views) {}

  std::vector<std::vector<int64_t>> batches(int64_t epoch) const override {
    auto out = order_->batches(epoch);
    for (auto& batch : out) {
      const auto once = batch;
      for (int64_t view = 1; view < views_; ++view) batch.insert(batch.end(), once.begin(), once.end());
    }
    return out;
  }
  int64_t batches_per_epoch() const override { return order_->batches_per_epoch(); }
  bool follows_trust() const override { return order_->follows_trust(); }
  void follow(std::vector<float> trust) override { order_->follow(std::move(trust)); }

 private:
  std::unique_ptr<Sampler> order_;
  int64_t views_;
};

}  // namespace

std::unique_ptr<Sampler> repeat_views(std::unique_ptr<Sampler> order, int64_t views) {
  if (views == 1) return order;
  return std::make_unique<RepeatedViews>(std::move(order), views);
}

}  // namespace winnow
