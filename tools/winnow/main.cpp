#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

#include "src/core/error.h"
#include "src/core/text.h"
#include "tools/winnow/cli.h"

namespace {

using winnow::cli::Session;

int report(const Session& session, const std::string& kind, std::string message, int code) {
  // Torch appends its C++ stack to messages; a user needs it only with --debug.
  if (!session.debug) message = message.substr(0, message.find("\nException raised from"));
  std::fprintf(stderr, "winnow%s%s: %s\n", session.verb.empty() ? "" : " ", session.verb.c_str(), message.c_str());
  if (session.json) winnow::cli::print_json({{"error", {{"code", kind}, {"message", message}, {"exit", code}}}});
  return code;
}

int run_guarded(const Session& session) {
  try {
    winnow::cli::start(session);
    return session.run();
  } catch (const winnow::Error& e) {
    return report(session, winnow::error_name(e.code()), e.what(), winnow::exit_code(e.code()));
  } catch (const std::bad_alloc&) {
    return report(session, "device", "out of memory; a smaller batch, picture size or --mem helps", 5);
  } catch (const std::exception& e) {
    return report(session, "internal", e.what(), 1);
  }
}

// CLI11 says "The following arguments were not expected: ..."; people want to know what they may have meant.
int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::vector<std::string> known;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  for (const auto* sub : at->get_subcommands([](const CLI::App*) { return true; })) known.push_back(sub->get_name());
  for (const auto* option : at->get_options())
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  std::string message = error.what();
  for (const auto& word : at->remaining())
    if (const auto near = winnow::nearest_name(word, known)) message += " (did you mean '" + *near + "'?)";
  std::fprintf(stderr, "winnow %s: %s\n  help: winnow %s --help\n", at->get_name().c_str(), message.c_str(),
               at->get_name().c_str());
  return 2;
}

// libgomp reads OMP_WAIT_POLICY when it is loaded, before main: by default its threads spin at every barrier, which
// starves the decode threads and every other job. Long jobs start once more with `passive`; short ones stay quick.
void wait_passively_in_long_jobs(int argc, char** argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if ((verb != "train" && verb != "embed" && verb != "sweep" && verb != "loop" && verb != "serve" && verb != "demo") ||
      std::getenv("OMP_WAIT_POLICY"))
    return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", argv);  // returns only on failure; the job then runs with the default policy
}

}  // namespace

int main(int argc, char** argv) {
  wait_passively_in_long_jobs(argc, argv);
  CLI::App app("winnow: image retrieval when the labels cannot be trusted");
  app.name("");
  Session session;
  session.command.assign(argv, argv + argc);
  app.set_version_flag("--version", std::string("winnow ") + WINNOW_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 ok, 2 usage, 3 config, 4 data, 5 device or memory, 6 a gate failed, 7 model/index mismatch,\n130 "
      "interrupted after a clean save.");
  using namespace winnow::cli;
  for (const auto add :
       {add_demo, add_doctor, add_init, add_data, add_noise, add_loop, add_train, add_sweep, add_embed, add_index,
        add_query, add_eval, add_compare, add_report, add_weights, add_list, add_config, add_serve, add_bench})
    add(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {  // --help and --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return usage_error(app, e);
  }
  return run_guarded(session);
}
