#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "src/config/reader.h"
#include "src/training/config.h"

namespace winnow::cli {

/// Flags every verb has, and the verb that was chosen.
struct Session {
  bool json = false, quiet = false, verbose = false, log_json = false, debug = false;
  int threads = 0;
  std::vector<std::string> command;
  std::string verb;          ///< full name, "index build"
  std::function<int()> run;  ///< what to do after parsing
};

/// Adds a verb with the common flags; `run` is called after parsing and returns the exit code.
CLI::App* add_verb(CLI::App& parent, Session& session, const std::string& name, const std::string& help,
                   const std::string& examples, std::function<int()> run);

/// Sets log level and threads from the common flags.
void start(const Session& session);

/// Prints one JSON document to stdout.
void print_json(const nlohmann::ordered_json& document);
void print(const std::string& text);

/// DATA and what goes with it: --archive, --root, --label, --path-column, --where.
void add_data_options(CLI::App& verb, DataSource& source, bool required = true);

/// A recipe from the words of the command line: at most one FILE, and key=value settings, in any order.
ConfigSource recipe_source(const std::vector<std::string>& words);
/// Reads such a recipe.
Origins read_recipe(const std::vector<std::string>& words, ExperimentConfig& config);

// One function a family of verbs; each lives in its cmd_*.cpp.
void add_bench(CLI::App& app, Session& session);
void add_compare(CLI::App& app, Session& session);
void add_config(CLI::App& app, Session& session);
void add_data(CLI::App& app, Session& session);
void add_data_align(CLI::App& data, Session& session);
void add_demo(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);
void add_embed(CLI::App& app, Session& session);
void add_eval(CLI::App& app, Session& session);
void add_eval_face(CLI::App& eval, Session& session);
void add_index(CLI::App& app, Session& session);
void add_init(CLI::App& app, Session& session);
void add_list(CLI::App& app, Session& session);
void add_loop(CLI::App& app, Session& session);
void add_noise(CLI::App& app, Session& session);
void add_query(CLI::App& app, Session& session);
void add_report(CLI::App& app, Session& session);
void add_serve(CLI::App& app, Session& session);
void add_sweep(CLI::App& app, Session& session);
void add_train(CLI::App& app, Session& session);
void add_weights(CLI::App& app, Session& session);

}  // namespace winnow::cli
