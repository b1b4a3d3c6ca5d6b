#include <algorithm>
#include <numeric>

#include "data/samplers.h"
#include "src/core/error.h"

namespace winnow {
namespace {

/// As many full batches as one pass over the labelled pictures fills, so that an epoch costs the same with any sampler.
int64_t batches_of_one_pass(const ClassLists& lists, int64_t batch) {
  int64_t items = 0;
  for (const auto& list : lists.items) items += static_cast<int64_t>(list.size());
  return std::max<int64_t>(1, items / batch);
}

std::vector<Deck> decks_of(const ClassLists& lists) {
  std::vector<Deck> decks;
  for (const auto& list : lists.items) decks.emplace_back(list);
  return decks;
}

Deck class_deck(const ClassLists& lists) {
  std::vector<int64_t> classes(lists.items.size());
  std::iota(classes.begin(), classes.end(), 0);
  return Deck(std::move(classes));
}

/// Batches of P classes x K pictures; `balanced` is P = batch, K = 1.
class ClassSampler : public Sampler {
 public:
  ClassSampler(ClassLists lists, int64_t classes, int64_t per_class, uint64_t seed)
      : lists_(std::move(lists)),
        classes_(classes),
        per_class_(per_class),
        count_(batches_of_one_pass(lists_, classes * per_class)),
        seed_(seed) {}

  int64_t batches_per_epoch() const override { return count_; }

  std::vector<std::vector<int64_t>> batches(int64_t epoch) const override {
    Random random(seed_, "sampler", 0, static_cast<uint64_t>(epoch));
    Deck classes = class_deck(lists_);
    std::vector<Deck> pictures = decks_of(lists_);
    std::vector<std::vector<int64_t>> out(static_cast<size_t>(count_));
    for (auto& batch : out)
      for (const int64_t c : classes.draw(static_cast<size_t>(classes_), random))
        for (const int64_t item : pictures[static_cast<size_t>(c)].draw(static_cast<size_t>(per_class_), random))
          batch.push_back(item);
    return out;
  }

 private:
  ClassLists lists_;
  int64_t classes_, per_class_, count_;
  uint64_t seed_;
};

}  // namespace

void PkSamplerOptions::visit(OptionVisitor& v) {
  v.integer("classes", classes, 0, 1'000'000, "classes in a batch; 0 = batch / per_class");
  v.integer("per_class", per_class, 1, 1'000'000, "pictures of each class in a batch");
}

std::vector<int64_t> Deck::draw(size_t n, Random& random) {
  std::vector<int64_t> drawn, held;
  // Values stay different within a stretch of one round; a draw larger than the deck is several stretches.
  std::vector<int64_t> stretch;
  while (drawn.size() < n) {
    if (stretch.size() == values_.size()) {
      stretch.clear();
      left_.insert(left_.end(), held.begin(), held.end());
      held.clear();
    }
    if (left_.empty()) {
      left_ = values_;
      random.shuffle(left_);
    }
    const int64_t value = left_.back();
    left_.pop_back();
    if (std::find(stretch.begin(), stretch.end(), value) != stretch.end()) {
      held.push_back(value);
      continue;
    }
    stretch.push_back(value);
    drawn.push_back(value);
  }
  left_.insert(left_.end(), held.begin(), held.end());
  return drawn;
}

ClassLists list_classes(const SamplerContext& context) {
  if (context.batch < 1)
    throw Error(ErrorCode::kConfig, "[sampler] the batch must be at least 1, got " + std::to_string(context.batch));
  std::vector<std::vector<int64_t>> by_label(static_cast<size_t>(context.classes));
  for (size_t i = 0; i < context.labels.size(); ++i) {
    const int64_t label = context.labels[i];
    if (label >= context.classes)
      throw Error(ErrorCode::kShape, "[sampler] labels must be below " + std::to_string(context.classes) + ", got " +
                                         std::to_string(label) + " at item " + std::to_string(i));
    if (label >= 0) by_label[static_cast<size_t>(label)].push_back(static_cast<int64_t>(i));
  }
  ClassLists lists;
  for (size_t c = 0; c < by_label.size(); ++c) {
    if (by_label[c].empty()) continue;
    lists.labels.push_back(static_cast<int64_t>(c));
    lists.items.push_back(std::move(by_label[c]));
  }
  if (lists.items.empty()) throw Error(ErrorCode::kData, "[sampler] labelled pictures are required, there are none");
  return lists;
}

std::unique_ptr<Sampler> make_pk_sampler(const Options& options, const SamplerContext& context) {
  const auto& pk = dynamic_cast<const PkSamplerOptions&>(options);
  ClassLists lists = list_classes(context);
  const int64_t classes = pk.classes > 0 ? pk.classes : context.batch / pk.per_class;
  const std::string product = std::to_string(classes) + " classes x " + std::to_string(pk.per_class) + " pictures";
  if (classes < 1 || classes * pk.per_class != context.batch)
    throw Error(ErrorCode::kConfig, "[sampler pk] classes x per_class must equal the batch of " +
                                        std::to_string(context.batch) + ", got " + product);
  if (classes > static_cast<int64_t>(lists.items.size()))
    throw Error(ErrorCode::kConfig, "[sampler pk] a batch of " + product + " needs as many classes with pictures, " +
                                        "the data have " + std::to_string(lists.items.size()));
  return std::make_unique<ClassSampler>(std::move(lists), classes, pk.per_class, context.seed);
}

std::unique_ptr<Sampler> make_balanced_sampler(const Options&, const SamplerContext& context) {
  return std::make_unique<ClassSampler>(list_classes(context), context.batch, 1, context.seed);
}

}  // namespace winnow
