#include <memory>

#include "src/core/error.h"
#include "src/workflow/noise_review.h"
#include "src/workflow/words.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct Args {
  NoiseRequest request;
  std::string report, key, answers;
  int64_t each = 50;
};

nlohmann::ordered_json share(const Share& s) { return {{"value", s.value}, {"low", s.low}, {"high", s.high}}; }
std::string percent(const Share& s) {
  return words("{} % (95 % interval {} to {})", {{100 * s.value, 1}, {100 * s.low, 1}, {100 * s.high, 1}});
}

int draw(const Args& args, const Session& session) {
  const auto j = judge_labels(args.request);
  write_audit_page(args.report, args.key, *j, args.each, args.request.seed);
  if (session.json)
    print_json({{"report", args.report}, {"key", args.key}});
  else
    print(args.report + ": judge it blind, then winnow noise audit --answers audit.answers.csv --key " + args.key +
          "\n");
  return 0;
}

int judge(const Args& args, const Session& session) {
  const AuditOutcome a = judge_audit_answers(args.answers, args.key);
  if (session.json)
    print_json({{"precision", share(a.precision)},
                {"recall", share(a.recall)},
                {"rate", share(a.rate)},
                {"suspects", {{"wrong", a.suspects_wrong}, {"checked", a.suspects_checked}, {"all", a.flagged}}},
                {"others", {{"wrong", a.others_wrong}, {"checked", a.others_checked}, {"all", a.rows - a.flagged}}},
                {"unsure", a.unsure}});
  else
    print(
        words("precision of the list  {}\nrecall of the list     {}\nwrong labels in all    {}\n"
              "from {} of {} suspects and {} of {} others found wrong; {} unsure answers left out\n",
              {percent(a.precision), percent(a.recall), percent(a.rate), a.suspects_wrong, a.suspects_checked,
               a.others_wrong, a.others_checked, a.unsure}));
  return 0;
}

int run(const Args& args, const Session& session) {
  if (!args.answers.empty()) return judge(args, session);
  if (args.report.empty())
    throw Error(ErrorCode::kUsage, "--report FILE.html (to draw) or --answers CSV (to judge) is required");
  return draw(args, session);
}

}  // namespace

void add_noise_audit(CLI::App& noise, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(noise, session, "audit",
                        "a blind check of 50 suspects and 50 others: precision and recall with intervals",
                        "  winnow noise audit EMB --report audit.html --key audit.key.csv\n"
                        "  winnow noise audit --answers audit.answers.csv --key audit.key.csv",
                        [args, &session] { return run(*args, session); });
  add_noise_source_options(*verb, args->request);
  verb->add_option("--report", args->report, "page to write");
  verb->add_option("--key", args->key, "CSV that says which rows are suspects; not to be read before the check")
      ->required();
  verb->add_option("--answers", args->answers, "answers that the page saved");
  verb->add_option("--each", args->each, "rows of either kind")->check(CLI::Range(1, 10000));
}

}  // namespace winnow::cli
