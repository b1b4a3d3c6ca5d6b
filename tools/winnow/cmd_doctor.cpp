#include "src/core/error.h"
#include "src/tensor/device.h"
#include "src/workflow/doctor.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

int run(const Session& session) {
  init_torch_threads();
  const auto findings = examine_environment();
  bool ok = true;
  nlohmann::ordered_json all = nlohmann::json::array();
  std::string text;
  for (const auto& f : findings) {
    ok = ok && f.ok;
    all.push_back({{"check", f.name}, {"ok", f.ok}, {"value", f.value}, {"fix", f.fix}});
    text += std::string(f.ok ? "ok    " : "WRONG ") + f.name + ": " + f.value + (f.ok ? "" : "\n      fix: " + f.fix) +
            "\n";
  }
  if (session.json)
    print_json({{"ok", ok}, {"checks", all}});
  else
    print(text + (ok ? "everything is in order\n" : "something is wrong; see the lines marked WRONG\n"));
  return ok ? 0 : exit_code(ErrorCode::kDevice);
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
  add_verb(
      app, session, "doctor",
      "examine compiler, libraries, threads, BLAS, precision and golden embeddings; exit 5 when something is wrong",
      "  winnow doctor\n  winnow doctor --json", [&session] { return run(session); });
}

}  // namespace winnow::cli
