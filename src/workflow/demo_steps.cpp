#include "src/workflow/demo_steps.h"

#include "retrieval/index.h"
#include "src/core/log.h"
#include "src/training/trainer.h"
#include "src/workflow/embed_source.h"

namespace winnow {
namespace {

DataSource catalogue(const DemoOptions& options, const std::string& csv) {
  DataSource source;
  source.data = (fs::path(options.out) / "catalogue" / csv).string();
  return source;
}

}  // namespace

ExperimentConfig demo_config(const DemoOptions& options, const std::string& targets) {
  ExperimentConfig config;
  ConfigSource source;
  source.overrides = {"name=demo-" + targets,
                      "data.train=" + catalogue(options, "train.csv").data,
                      "data.size=64",
                      "model.backbone=small_cnn",
                      "model.dim=64",
                      "augment.scale_min=0.85",
                      "augment.brightness=0",
                      "augment.contrast=0",
                      "augment.saturation=0",
                      "loss.name=normalized_softmax",
                      "targets=" + targets,
                      "training.epochs=" + std::to_string(options.epochs),
                      "training.batch=64",
                      "training.learning_rate=0.002",
                      "training.warmup_epochs=1",
                      "training.validate_every=0",
                      "training.seed=" + std::to_string(options.seed)};
  // Twenty pictures a class are few: trust stays whole until the network has learned something, and the other label is
  // the moving average of its answers. The general defaults decay earlier (docs/noise.md).
  if (targets == "seccnn")
    for (const char* setting :
         {"targets.warmup=0.4", "targets.half_life=0.3", "targets.prediction=ema", "targets.balance=0"})
      source.overrides.emplace_back(setting);
  read_experiment(source, config);
  return config;
}

void prepare_side(const DemoSide& side, const DemoOptions& options) {
  if (fs::exists(side.index() / "CURRENT")) {
    log_info("demo: {} is there already", side.folder.string());
    return;
  }
  log_info("demo: training {}", side.name);
  ExperimentConfig config = demo_config(options, side.name == "seccnn" ? "seccnn" : "given");
  TrainRequest request;
  request.config = &config;
  request.run = side.run();
  request.resume = true;
  request.command = {"winnow", "demo", "--out", options.out};
  train(request);
  log_info("demo: embedding the held-out classes");
  LoadedModel model = load_model(side.model());
  embed_source(catalogue(options, "gallery.csv"), model, side.model(), {}, side.gallery());
  embed_source(catalogue(options, "query.csv"), model, side.model(), {}, side.queries());
  build_index(Embeddings::open(side.gallery()), side.index(), {});
}

DemoOutcome measure_side(const DemoSide& side, const fs::path& query) {
  SearchOptions search;
  search.k = 6;
  return {side, evaluate_folders(side.queries(), side.gallery(), {}),
          QueryEngine(side.index(), side.model()).by_image(query, search)};
}

}  // namespace winnow
