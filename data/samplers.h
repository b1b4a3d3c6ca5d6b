#pragma once

#include "data/sampler.h"
#include "src/core/random.h"

namespace winnow {

/// `plain`: a new shuffle of all pictures an epoch.
struct PlainSamplerOptions : Options {
  int64_t items = 0;  ///< pictures an epoch, in rounds over all of them; 0 = each once
  /// Below 1, when an item's turn comes it is drawn with chance max(its trust, this), and the epoch is filled by more
  /// rounds: wrong labels then cost no steps, and a distrusted picture is still looked at now and then.
  double least_chance = 1.0;
  bool drop_last = true;  ///< leave out the last batch when it is not full (the only batch is always kept)
  void visit(OptionVisitor& v) override;
};

/// `pk`: P classes x K pictures a batch.
struct PkSamplerOptions : Options {
  int64_t classes = 0;    ///< P; 0 = batch / per_class
  int64_t per_class = 4;  ///< K
  void visit(OptionVisitor& v) override;
};

std::unique_ptr<Sampler> make_plain_sampler(const Options& options, const SamplerContext& context);
/// @throws Error(kConfig) unless P x K = batch and P <= classes with a picture
std::unique_ptr<Sampler> make_pk_sampler(const Options& options, const SamplerContext& context);
std::unique_ptr<Sampler> make_balanced_sampler(const Options& options, const SamplerContext& context);

/// Values dealt in random order, round after round: after any number of draws no value was dealt two times more often
/// than another. Not thread-safe.
class Deck {
 public:
  explicit Deck(std::vector<int64_t> values) : values_(std::move(values)) {}
  /// n values, different ones as far as the deck has so many.
  std::vector<int64_t> draw(size_t n, Random& random);

 private:
  std::vector<int64_t> values_;
  std::vector<int64_t> left_;  // rest of the current round, dealt from the back
};

/// Labels that have a picture, and the pictures of each; pictures without a label are in no class.
struct ClassLists {
  std::vector<int64_t> labels;
  std::vector<std::vector<int64_t>> items;  ///< by index into `labels`
};
ClassLists list_classes(const SamplerContext& context);

}  // namespace winnow
