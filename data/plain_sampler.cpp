#include <algorithm>
#include <iterator>
#include <numeric>

#include "data/samplers.h"
#include "src/core/error.h"

namespace winnow {
namespace {

class PlainSampler : public Sampler {
 public:
  PlainSampler(const PlainSamplerOptions& options, const SamplerContext& context)
      : items_(static_cast<int64_t>(context.labels.size())), batch_(context.batch), seed_(context.seed) {
    if (items_ < 1 || batch_ < 1)
      throw Error(ErrorCode::kData, "[sampler plain] pictures and batch must be at least 1, got " +
                                        std::to_string(items_) + " and " + std::to_string(batch_));
    least_chance_ = options.least_chance;
    draws_ = options.items > 0 ? options.items : items_;
    full_ = draws_ / batch_;
    rest_ = !options.drop_last || full_ == 0 ? draws_ % batch_ : 0;
  }

  int64_t batches_per_epoch() const override { return full_ + (rest_ > 0 ? 1 : 0); }

  std::vector<std::vector<int64_t>> batches(int64_t epoch) const override {
    std::vector<int64_t> all(static_cast<size_t>(items_)), order;
    std::iota(all.begin(), all.end(), 0);
    Random random(seed_, "sampler", 0, static_cast<uint64_t>(epoch));
    Random chance(seed_, "sampler.trust", 0, static_cast<uint64_t>(epoch));
    while (static_cast<int64_t>(order.size()) < draws_) {
      random.shuffle(all);
      std::copy_if(all.begin(), all.end(), std::back_inserter(order), [&](int64_t item) {
        return trust_.empty() || chance.chance(std::max<double>(trust_[static_cast<size_t>(item)], least_chance_));
      });
    }
    std::vector<std::vector<int64_t>> out;
    for (int64_t b = 0; b < batches_per_epoch(); ++b) {
      const auto first = order.begin() + b * batch_;
      out.emplace_back(first, order.begin() + std::min(draws_, (b + 1) * batch_));
    }
    return out;
  }

  bool follows_trust() const override { return least_chance_ < 1; }

  void follow(std::vector<float> trust) override {
    if (static_cast<int64_t>(trust.size()) != items_)
      throw Error(ErrorCode::kInternal, "[sampler plain] a trust for each of " + std::to_string(items_) +
                                            " pictures is required, got " + std::to_string(trust.size()));
    trust_ = std::move(trust);
  }

 private:
  std::vector<float> trust_;
  double least_chance_ = 1;
  int64_t items_, batch_, draws_ = 0, full_ = 0, rest_ = 0;
  uint64_t seed_;
};

}  // namespace

void PlainSamplerOptions::visit(OptionVisitor& v) {
  v.integer("items", items, 0, int64_t{1} << 40, "pictures an epoch, in rounds over all; 0 = each picture once");
  v.number("least_chance", least_chance, 0.01, 1.0,
           "draw a picture with chance max(trust, this) and fill the epoch by more rounds; 1 = trust does not matter");
  v.boolean("drop_last", drop_last, "leave out the last batch of an epoch when it is not full");
}

std::unique_ptr<Sampler> make_plain_sampler(const Options& options, const SamplerContext& context) {
  return std::make_unique<PlainSampler>(dynamic_cast<const PlainSamplerOptions&>(options), context);
}

}  // namespace winnow
