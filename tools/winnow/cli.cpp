#include "tools/winnow/cli.h"

#include <cstdio>

#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/log.h"
#include "src/core/parallel.h"

namespace winnow::cli {

CLI::App* add_verb(CLI::App& parent, Session& session, const std::string& name, const std::string& help,
                   const std::string& examples, std::function<int()> run) {
  CLI::App* verb = parent.add_subcommand(name, help);
  const std::string full = parent.get_name().empty() ? name : parent.get_name() + " " + name;
  if (!examples.empty()) verb->footer("Examples:\n" + examples);
  verb->add_flag("--json", session.json, "one JSON document on stdout")->group("Common");
  verb->add_flag("-q,--quiet", session.quiet, "errors only")->group("Common");
  verb->add_flag("-v,--verbose", session.verbose, "more detail on stderr")->group("Common");
  verb->add_flag("--log-json", session.log_json, "log lines as JSON")->group("Common");
  verb->add_flag("--debug", session.debug, "show where an error came from")->group("Common");
  verb->add_option("--threads", session.threads, "threads to use (default: the CPUs of this process)")
      ->check(CLI::Range(1, 1024))
      ->group("Common");
  verb->callback([&session, full, run = std::move(run)] {
    session.verb = full;
    session.run = run;
  });
  return verb;
}

void start(const Session& session) {
  const auto level = session.quiet ? LogLevel::kQuiet : session.verbose ? LogLevel::kVerbose : LogLevel::kNormal;
  init_logging(level, session.log_json);
  if (session.threads > 0) set_thread_count(session.threads);
  install_interrupt_handler();
}

void print_json(const nlohmann::ordered_json& document) {
  print(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw Error(ErrorCode::kDevice, "[stdout] writing the result failed (disk full or pipe closed)");
}

void add_data_options(CLI::App& verb, DataSource& source, bool required) {
  verb.add_option("data", source.data, "folder of class folders, CSV file, or YAML data description")
      ->required(required);
  verb.add_option("--archive", source.archives, "uncompressed tar that holds the pictures of a CSV (repeatable)");
  verb.add_option("--root", source.root, "folder that the CSV's paths are relative to (default: the CSV's folder)");
  verb.add_option("--label", source.label, "column with the label (default: label)");
  verb.add_option("--path-column", source.path_column, "column with the picture's path (default: path)");
  verb.add_option("--where", source.where, "keep rows with COLUMN=VALUE or COLUMN!=VALUE (repeatable)");
}

ConfigSource recipe_source(const std::vector<std::string>& words) {
  ConfigSource source;
  for (const auto& word : words) {
    if (word.find('=') != std::string::npos) {
      source.overrides.push_back(word);
    } else if (source.file.empty()) {
      source.file = word;
    } else {
      throw Error(ErrorCode::kUsage, "one file and key=value settings are expected, got a second file '" + word + "'");
    }
  }
  return source;
}

Origins read_recipe(const std::vector<std::string>& words, ExperimentConfig& config) {
  return read_experiment(recipe_source(words), config);
}

}  // namespace winnow::cli
