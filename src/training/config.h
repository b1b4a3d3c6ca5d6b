#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/augmentation.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "data/sampler.h"
#include "losses/loss.h"
#include "losses/peers.h"
#include "src/config/options.h"
#include "src/config/reader.h"
#include "src/models/model.h"

namespace winnow {

/// Ranks at which a validation reports recall and precision.
inline const std::vector<int64_t> kValidationKs = {1, 5, 10};

/// `data:` what to train on and how pictures enter.
struct DataOptions : Options {
  std::string train;                  ///< folder, CSV or YAML description
  std::vector<std::string> archives;  ///< `archive:`
  std::string root;
  std::string label, path_column;  ///< "" = what the data description says, else columns "label" and "path"
  std::vector<std::string> where;  ///< e.g. [split=train]
  std::string val;                 ///< another data set for validation; "" = `train` again when val_where is set
  std::vector<std::string> val_where;
  std::string val_label;     ///< label column of val when it differs (clean labels); "" = as label
  double val_classes = 0.0;  ///< share of classes held out for validation (unseen classes)
  int64_t size = 224;
  double crop_ratio = 0.875;
  std::string view = "crop";
  bool reduced_decode = true, cache = true;
  int64_t decode_threads = 0, prefetch = 4;
  double max_bad = 0.001;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

/// `training:`
struct TrainingOptions : Options {
  int64_t epochs = 10, batch = 64;
  std::string optimizer = "adamw";  ///< sgd | adam | adamw
  double learning_rate = 1e-3, weight_decay = 1e-2, momentum = 0.9;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  bool nesterov = false;
  double head_learning_rate = 1.0;  ///< factor for the loss's own parameters (class vectors)
  std::string schedule = "cosine";  ///< constant | cosine | step | poly | one_cycle
  double warmup_epochs = 0.0, final_factor = 0.0, step_factor = 0.1, poly_power = 1.0;
  std::vector<double> step_epochs;
  double clip_norm = 0.0;            ///< 0 = off
  double ema_decay = 0.0;            ///< weight EMA; 0 = off. The EMA weights are what is validated and saved
  double mixup = 0.0, cutmix = 0.0;  ///< alpha of Beta(alpha, alpha); 0 = off
  std::string precision = "auto";    ///< auto | fp32 | bf16
  std::string device = "auto";
  int64_t seed = 1;
  int64_t validate_every = 1;          ///< epochs; 0 = never
  std::string validate = "retrieval";  ///< retrieval | accuracy | both
  std::string select = "map@r";        ///< validation metric that decides the best checkpoint
  int64_t early_stop = 0;              ///< validations without improvement; 0 = off
  int64_t checkpoint_every = 1;        ///< epochs
  double collapse_distance = 0.02;     ///< mean pair distance (1 - cosine) under which training stops with a diagnosis
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

/// The manifests that `data:` names. @return validation_source: empty `data` when no validation set is named
DataSource training_source(const DataOptions& options);
DataSource validation_source(const DataOptions& options);

/// The options of a chosen member; the member's defaults when none are set.
std::shared_ptr<Options> member_options(const Choice& choice, const Family& family);

/// The whole of a recipe.
struct ExperimentConfig : Options {
  std::string name = "run";
  DataOptions data;
  AugmentOptions augment;
  Choice sampler{"plain", nullptr};
  ModelOptions model;
  std::vector<Choice> losses;  ///< `loss:` one or a weighted list; default normalized_softmax
  Choice targets{"given", nullptr};
  Choice trust{"none", nullptr};
  Choice peers{"none", nullptr};  ///< a second network that learns beside the first
  TrainingOptions training;
  ExperimentConfig();
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

/// The built-in recipes by name (configs/recipes/built_in), for `recipe: robust`.
const std::map<std::string, std::string>& built_in_recipes();

/// read_config() that knows the built-in recipes. @throws what read_config() throws
Origins read_experiment(ConfigSource source, ExperimentConfig& config);

/// Augmentations of each picture that a batch holds beside one another; training.batch counts pictures.
int64_t views_per_picture(const ExperimentConfig& config);

/// Combinations that run but are unlikely to be meant, one sentence each; logged when training starts.
std::vector<std::string> config_warnings(const ExperimentConfig& config);

}  // namespace winnow
