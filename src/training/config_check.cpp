#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <optional>

#include "data/samplers.h"
#include "src/training/config.h"

namespace winnow {
namespace {

/// What a loss is, found by asking a small instance, so that a new member needs no entry here.
struct LossTraits {
  bool classifies = false, needs_pairs = false, robust = false;
};

LossContext probe_context() {
  LossContext out;
  out.classes = out.dim = out.items = out.total_steps = out.steps_per_epoch = 4;
  return out;
}

/// Empty when the loss cannot be built; its own options then carry the fault.
std::optional<LossTraits> loss_traits(const Choice& choice) {
  try {
    const at::NoGradGuard no_grad;
    const auto loss = loss_family().maker(choice.name)(*member_options(choice, loss_family()), probe_context());
    LossBatch batch;
    batch.raw = batch.z = at::full({2, 4}, 0.5);
    batch.labels = at::zeros({2}, at::kLong);
    batch.rows = at::arange(2, at::kLong);
    return LossTraits{loss->logits(batch).defined(), loss->needs_pairs(), loss->robust()};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool rewrites_labels(const Choice& targets) {
  try {
    return policy_family()
        .maker(targets.name)(*member_options(targets, policy_family()), probe_context())
        ->rewrites_labels();
  } catch (const std::exception&) {
    return false;
  }
}

/// Null for `none`, and when the rule cannot be built.
std::unique_ptr<PeerRule> probe_peers(const Choice& peers) {
  try {
    return peer_family().maker(peers.name)(*member_options(peers, peer_family()), probe_context());
  } catch (const std::exception&) {
    return nullptr;
  }
}

std::vector<std::string> peer_faults(const ExperimentConfig& config, bool classifies, bool all_classify) {
  std::vector<std::string> faults;
  const auto rule = probe_peers(config.peers);
  if (!rule) return faults;
  const std::string who = "peers: " + config.peers.name;
  if (!classifies) faults.push_back(who + " ranks by cross entropy, so `loss` needs a classification loss");
  if (rewrites_labels(config.targets))
    faults.push_back(who + " and targets: " + config.targets.name +
                     " both decide what is learnt from a label; use one of them");
  if (rule->needs_rate() && config.trust.name == "none")
    faults.push_back(who + " needs peers.rate, or a trust estimator that finds the rate");
  if (!rule->decides_alone()) return faults;
  if (classifies && !all_classify)
    faults.push_back(who + " blends class labels, so every loss must be a classification loss");
  if (config.trust.name != "none" || (config.targets.name != "given" && !rewrites_labels(config.targets)))
    faults.push_back(who + " judges labels itself: it needs trust: none and targets: given");
  if (config.training.mixup > 0 || config.training.cutmix > 0)
    faults.push_back(who + " blends pictures itself: training.mixup and training.cutmix must be 0");
  return faults;
}

std::string batch_fault(const ExperimentConfig& config) {
  if (config.sampler.name != "pk") return "";
  const auto options = member_options(config.sampler, sampler_family());
  const auto* pk = dynamic_cast<const PkSamplerOptions*>(options.get());
  const int64_t batch = config.training.batch;
  const std::string given = ", training.batch is " + std::to_string(batch);
  if (pk->classes > 0 && pk->classes * pk->per_class != batch)
    return "sampler pk makes batches of classes * per_class = " + std::to_string(pk->classes * pk->per_class) + given;
  if (batch % pk->per_class != 0 || batch < 2 * pk->per_class)
    return "sampler pk needs a batch of two or more whole classes of per_class = " + std::to_string(pk->per_class) +
           given;
  return "";
}

}  // namespace

std::vector<std::string> ExperimentConfig::check() const {
  std::vector<std::string> faults;
  if (losses.empty()) faults.push_back("loss: at least one loss is required");
  if (const auto fault = batch_fault(*this); !fault.empty()) faults.push_back(fault);
  bool classifies = false, all_classify = true, unknown = false, weighted = false;
  for (const auto& choice : losses) {
    const auto traits = loss_traits(choice);
    classifies |= traits && traits->classifies;
    all_classify &= !traits || traits->classifies;
    unknown |= !traits;
    weighted |= choice.weight > 0;
  }
  if (!losses.empty() && !weighted) faults.push_back("loss: at least one loss needs a weight above 0");
  if (rewrites_labels(targets) && !classifies && !unknown)
    faults.push_back(
        "targets: " + targets.name +
        " replaces labels by a classifier's, so `loss` needs a classification loss such as normalized_softmax");
  if (training.mixup > 0 || training.cutmix > 0) {
    for (const auto& choice : losses)
      if (const auto traits = loss_traits(choice); traits && !traits->classifies)
        faults.push_back("training.mixup and training.cutmix blend class labels, which loss " + choice.name +
                         " has not");
    if (training.ema_decay <= 0 && (trust.name != "none" || targets.name != "given"))
      faults.push_back(
          "training.mixup and training.cutmix with trust or targets need training.ema_decay > 0: its network looks at "
          "the pictures before they are blended");
  }
  for (const auto& fault : peer_faults(*this, classifies || unknown, all_classify)) faults.push_back(fault);
  const bool validates = !data.val.empty() || !data.val_where.empty() || data.val_classes > 0;
  if (training.early_stop > 0 && !validates)
    faults.push_back("training.early_stop needs a validation set: data.val, data.val_where or data.val_classes");
  return faults;
}

int64_t views_per_picture(const ExperimentConfig& config) {
  const auto rule = probe_peers(config.peers);
  return rule ? rule->views() : 1;
}

std::vector<std::string> config_warnings(const ExperimentConfig& config) {
  std::vector<std::string> out;
  const bool rewrites = rewrites_labels(config.targets);
  for (const auto& choice : config.losses) {
    const auto traits = loss_traits(choice);
    if (!traits) continue;
    if (traits->needs_pairs && config.sampler.name != "pk")
      out.push_back("loss " + choice.name + " learns from pairs of one class, and sampler " + config.sampler.name +
                    " seldom puts two of a class into a batch: consider sampler: pk");
    if (traits->robust && rewrites)
      out.push_back("loss " + choice.name + " bounds the gradient of wrong labels and targets " + config.targets.name +
                    " rewrites them: together they often learn less than either alone");
  }
  return out;
}

}  // namespace winnow
