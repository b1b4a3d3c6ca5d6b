#include "src/training/config.h"

#include <algorithm>
#include <cmath>

#include "src/evaluation/retrieval.h"

namespace winnow {

void DataOptions::visit(OptionVisitor& v) {
  v.path("train", train, "folder of class folders, CSV manifest or YAML data description");
  v.paths("archive", archives, "tar files that hold the pictures of a CSV");
  v.path("root", root, "folder that CSV paths are relative to; default: the CSV's folder");
  v.text("label", label, "column with the (maybe wrong) label");
  v.text("path_column", path_column, "column with the picture path");
  v.texts("where", where, "COLUMN=VALUE or COLUMN!=VALUE filters; all must hold");
  v.path("val", val, "another data set for validation");
  v.texts("val_where", val_where, "filters of the validation set; alone they select from `train`");
  v.text("val_label", val_label, "label column of the validation set when it differs (clean labels)");
  v.number("val_classes", val_classes, 0.0, 0.9, "share of classes held out for validation, never trained on");
  v.integer("size", size, 8, 4096, "height and width of the network's input in pixels");
  v.number("crop_ratio", crop_ratio, 0.1, 1.0, "evaluation view: centre crop as a share of the short side");
  v.choice("view", view, {"crop", "pad", "stretch"}, "evaluation view of a picture");
  v.boolean("reduced_decode", reduced_decode, "decode a JPEG at reduced scale where that is enough");
  v.boolean("cache", cache, "keep decoded pictures in memory when they fit");
  v.integer("decode_threads", decode_threads, 0, 256, "threads that decode pictures; 0 = by device");
  v.integer("prefetch", prefetch, 1, 256, "batches decoded ahead");
  v.number("max_bad", max_bad, 0.0, 1.0, "share of unreadable pictures that is tolerated");
}

std::vector<std::string> DataOptions::check() const {
  std::vector<std::string> faults;
  if (val_classes > 0 && (!val.empty() || !val_where.empty()))
    faults.push_back(
        "val_classes holds classes of `train` out and val or val_where names another set: give one of the two");
  if (!val_label.empty() && val.empty() && val_where.empty() && val_classes == 0)
    faults.push_back("val_label needs a validation set: val, val_where or val_classes");
  return faults;
}

void TrainingOptions::visit(OptionVisitor& v) {
  v.integer("epochs", epochs, 1, 1000000, "passes over the training set");
  v.integer("batch", batch, 2, 65536, "pictures a step");
  v.choice("optimizer", optimizer, {"sgd", "adam", "adamw"}, "update rule");
  v.number("learning_rate", learning_rate, 0.0, 1e3, "peak of the schedule");
  v.number("weight_decay", weight_decay, 0.0, 10.0, "decoupled for adamw, an L2 term of the gradient for sgd and adam");
  v.number("momentum", momentum, 0.0, 0.9999, "sgd only");
  v.number("beta1", beta1, 0.0, 0.9999, "adam and adamw: decay of the gradient's mean");
  v.number("beta2", beta2, 0.0, 0.999999, "adam and adamw: decay of the squared gradient's mean");
  v.number("epsilon", epsilon, 1e-16, 1.0, "adam and adamw: added to the root of the second moment");
  v.boolean("nesterov", nesterov, "sgd only: look-ahead gradient");
  v.number("head_learning_rate", head_learning_rate, 0.0, 1e4, "factor of the rate for the loss's class vectors");
  v.choice("schedule", schedule, {"constant", "cosine", "step", "poly", "one_cycle"}, "learning rate over the steps");
  v.number("warmup_epochs", warmup_epochs, 0.0, 1e6, "linear rise; for one_cycle the rising part (0 = 30 %)");
  v.number("final_factor", final_factor, 0.0, 1.0, "rate at the end as a share of the peak");
  v.number("step_factor", step_factor, 0.0, 1.0, "schedule step: factor at each of step_epochs");
  v.number("poly_power", poly_power, 0.1, 10.0, "schedule poly: exponent");
  v.numbers("step_epochs", step_epochs, 0.0, 1e6, "schedule step: epochs at which the rate falls");
  v.number("clip_norm", clip_norm, 0.0, 1e6, "largest norm of the whole gradient; 0 = off");
  v.number("ema_decay", ema_decay, 0.0, 0.999999, "decay of the weights' moving average; 0 = off");
  v.number("mixup", mixup, 0.0, 2.0, "alpha of mixup: pictures and labels of a batch are blended in pairs; 0 = off");
  v.number("cutmix", cutmix, 0.0, 2.0, "alpha of cutmix: a box of another picture is pasted; 0 = off");
  v.choice("precision", precision, {"auto", "fp32", "bf16"}, "auto measures which is faster");
  v.text("device", device, "auto, cpu or cuda:N");
  v.integer("seed", seed, 0, int64_t{1} << 53, "of weights, order, augmentation and targets");
  v.integer("validate_every", validate_every, 0, 1000000, "epochs between validations; 0 = never");
  v.choice("validate", validate, {"retrieval", "accuracy", "both"},
           "search among embeddings, class predictions of the loss's own head, or both");
  auto selectable = metric_names(kValidationKs);
  selectable.push_back("accuracy");
  v.choice("select", select, selectable, "validation metric that decides the best checkpoint");
  v.integer("early_stop", early_stop, 0, 1000000, "validations without improvement after which to stop; 0 = never");
  v.integer("checkpoint_every", checkpoint_every, 1, 1000000, "epochs between checkpoints");
  v.number("collapse_distance", collapse_distance, 0.0, 1.0, "mean pair distance under which training stops");
}

std::vector<std::string> TrainingOptions::check() const {
  std::vector<std::string> faults;
  if (warmup_epochs >= static_cast<double>(epochs)) faults.push_back("warmup_epochs must be below epochs");
  if (schedule == "step" && step_epochs.empty()) faults.push_back("schedule step needs step_epochs");
  if (!std::is_sorted(step_epochs.begin(), step_epochs.end())) faults.push_back("step_epochs must be ascending");
  if (nesterov && (optimizer != "sgd" || momentum == 0))
    faults.push_back("nesterov needs optimizer sgd with a momentum above 0");
  if (validate_every > 0 && validate != "both" && (select == "accuracy") != (validate == "accuracy"))
    faults.push_back("select " + select + " is not measured by validate: " + validate);
  if (early_stop > 0 && validate_every == 0) faults.push_back("early_stop needs validations: validate_every >= 1");
  return faults;
}

ExperimentConfig::ExperimentConfig() {
  losses.push_back({"normalized_softmax", nullptr, 1.0});
  sampler.options = member_options(sampler, sampler_family());
  losses.front().options = member_options(losses.front(), loss_family());
  targets.options = member_options(targets, policy_family());
  trust.options = member_options(trust, trust_family());
  peers.options = member_options(peers, peer_family());
}

void ExperimentConfig::visit(OptionVisitor& v) {
  v.text("name", name, "of the run, shown in reports");
  v.section("data", data, "what to train on and how pictures enter");
  v.section("augment", augment, "random changes of training pictures");
  v.member("sampler", sampler, sampler_family(), "how batches are drawn");
  v.section("model", model, "backbone, pooling and embedding head");
  v.members("loss", losses, loss_family(), "one loss or a weighted list");
  v.member("targets", targets, policy_family(), "which label the losses use");
  v.member("trust", trust, trust_family(), "how far given labels are believed");
  v.member("peers", peers, peer_family(), "a second network, and which pictures the two choose for each other");
  v.section("training", training, "optimizer, schedule, checkpoints");
}

Origins read_experiment(ConfigSource source, ExperimentConfig& config) {
  source.recipes = &built_in_recipes();
  return read_config(source, config);
}

std::shared_ptr<Options> member_options(const Choice& choice, const Family& family) {
  return choice.options ? choice.options : family.make_options(choice.name);
}

DataSource training_source(const DataOptions& o) {
  return {o.train, o.archives, o.root, o.label, o.path_column, o.where};
}

DataSource validation_source(const DataOptions& o) {
  if (o.val.empty() && o.val_where.empty()) return {};
  DataSource source = training_source(o);
  if (!o.val.empty()) source.data = o.val;
  source.where = o.val_where;
  if (!o.val_label.empty()) source.label = o.val_label;
  return source;
}

}  // namespace winnow
