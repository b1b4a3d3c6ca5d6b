#include "src/workflow/demo_steps.h"

#include "retrieval/index.h"
#include "src/core/log.h"
#include "src/training/embedder.h"
#include "src/training/trainer.h"
#include "src/workflow/pictures.h"

namespace winnow {
namespace {

DataSource catalogue(const DemoOptions& options, const std::string& csv) {
  DataSource source;
  source.data = (fs::path(options.out) / "catalogue" / csv).string();
  return source;
}

void embed(const DemoOptions& options, const DemoSide& side, const std::string& csv, const fs::path& out) {
  const DataSource source = catalogue(options, csv);
  Dataset dataset = read_dataset(source);
  dataset.name = source_to_text(source);
  LoadedModel model = load_model(side.model());
  EmbedOptions embedding;
  embedding.model_path = fs::absolute(side.model()).lexically_normal().string();
  embed_dataset(dataset, model, embedding, out);
}

}  // namespace

ExperimentConfig demo_config(const DemoOptions& options, const std::string& targets) {
  ExperimentConfig config;
  ConfigSource source;
  source.overrides = {"name=demo-" + targets,
                      "data.train=" + catalogue(options, "train.csv").data,
                      "data.size=48",
                      "model.backbone=small_cnn",
                      "model.dim=64",
                      "augment.scale_min=0.6",
                      "augment.brightness=0.2",
                      "augment.contrast=0.2",
                      "augment.saturation=0.2",
                      "loss.name=normalized_softmax",
                      "targets=" + targets,
                      "training.epochs=" + std::to_string(options.epochs),
                      "training.batch=64",
                      "training.learning_rate=0.002",
                      "training.head_learning_rate=10",
                      "training.warmup_epochs=1",
                      "training.validate_every=0",
                      "training.seed=" + std::to_string(options.seed)};
  read_config(source, config);
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
  embed(options, side, "gallery.csv", side.gallery());
  embed(options, side, "query.csv", side.queries());
  build_index(Embeddings::open(side.gallery()), side.index(), {});
}

EvaluationRun evaluate_side(const DemoSide& side) {
  RetrievalOptions wanted;
  return evaluate_folders(side.queries(), side.gallery(), wanted);
}

}  // namespace winnow
