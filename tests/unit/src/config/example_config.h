#pragma once

#include <limits>
#include <string>
#include <vector>

#include "src/config/family.h"
#include "src/config/reader.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {

struct ArcfaceOptions : Options {
  double margin = 0.5, scale = 64;
  void visit(OptionVisitor& v) override {
    v.number("margin", margin, 0, 1.5, "angular margin in radians");
    v.number("scale", scale, 1, 1000, "inverse temperature");
  }
  std::vector<std::string> check() const override {
    if (margin > 1 && scale > 100) return {"a margin above 1 needs a scale of at most 100"};
    return {};
  }
};

struct CrossEntropyOptions : Options {
  double smoothing = 0;
  void visit(OptionVisitor& v) override { v.number("smoothing", smoothing, 0, 1, "label smoothing"); }
};

using ExampleFamily = FamilyRegistry<std::function<int()>>;

inline const ExampleFamily& example_family() {
  static const ExampleFamily family = [] {
    ExampleFamily f("loss");
    f.add<ArcfaceOptions>({"arcface", "additive angular margin", "Deng 2019"}, [] { return 1; });
    f.add<CrossEntropyOptions>({"cross_entropy", "softmax", ""}, [] { return 2; });
    f.add<NoOptions>({"none", "no loss", ""}, [] { return 3; });
    return f;
  }();
  return family;
}

struct ExampleTraining : Options {
  int64_t epochs = 10, seed = 1;
  double learning_rate = 0.001, decay = 0;
  bool nesterov = false;
  std::string device = "auto";
  std::vector<double> step_epochs;
  Choice sampler{"none", nullptr};
  void visit(OptionVisitor& v) override {
    v.integer("epochs", epochs, 1, 10000, "passes over the data");
    v.integer("seed", seed, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), "seed");
    v.number("learning_rate", learning_rate, 1e-8, 100, "at the start");
    v.number("decay", decay, 0, std::numeric_limits<double>::infinity(), "L2");
    v.boolean("nesterov", nesterov, "Nesterov momentum");
    v.choice("device", device, {"auto", "cpu", "cuda"}, "where to run");
    v.numbers("step_epochs", step_epochs, 0, 10000, "when the rate drops");
    v.member("sampler", sampler, example_family(), "which items next");
  }
  std::vector<std::string> check() const override {
    std::vector<std::string> faults;
    if (nesterov && learning_rate > 1) faults.push_back("nesterov needs a learning_rate of at most 1");
    return faults;
  }
};

struct ExampleConfig : Options {
  std::string name = "run", train;
  std::vector<std::string> where, archives;
  ExampleTraining training;
  std::vector<Choice> losses{{"arcface", nullptr}};
  void visit(OptionVisitor& v) override {
    v.text("name", name, "name of the run");
    v.path("train", train, "pictures");
    v.texts("where", where, "column=value");
    v.paths("archives", archives, "tar files");
    v.section("training", training, "how to train");
    v.members("loss", losses, example_family(), "what to minimise");
  }
  std::vector<std::string> check() const override {
    if (name == "bad" && training.epochs == 1) return {"a bad run needs more than one epoch"};
    return {};
  }
  const ArcfaceOptions& arcface(size_t i = 0) const {
    return dynamic_cast<const ArcfaceOptions&>(*losses.at(i).options);
  }
};

/// Files in a fresh folder, read by short names: the tests run inside it.
class ConfigFolder {
 public:
  ConfigFolder() : before_(fs::current_path()) { fs::current_path(dir_.path()); }
  ~ConfigFolder() { fs::current_path(before_); }
  void put(const std::string& name, const std::string& text) {
    if (const fs::path folder = fs::path(name).parent_path(); !folder.empty()) make_folder(folder);
    write_file_atomically(name, text);
  }
  const fs::path& path() const { return dir_.path(); }

 private:
  TempDir dir_;
  fs::path before_;
};

}  // namespace winnow::test
