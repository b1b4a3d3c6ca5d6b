#include <memory>

#include "src/labels/confident.h"
#include "src/workflow/noise_review.h"
#include "src/workflow/words.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct Args {
  NoiseRequest request;
  std::string out, jsonl, report;
  int64_t shown = 200;
};

int run_rank(const Args& args, const Session& session) {
  const auto j = judge_labels(args.request);
  write_suspects_csv(args.out, j->suspects, j->source.given(), j->source.rows);
  if (!args.jsonl.empty()) write_suspects_jsonl(args.jsonl, j->suspects, j->source.given(), j->source.rows);
  if (!args.report.empty()) write_noise_review(args.report, *j, args.shown);
  if (session.json) {
    auto document = estimate_document(*j);
    document["file"] = args.out;
    document["listed"] = j->suspects.size();
    print_json(document);
    return 0;
  }
  print(j->estimate.certainty + "\n");
  for (size_t s = 0; s < j->suspects.size() && s < 5 && j->suspects[s].flagged; ++s) {
    const auto& suspect = j->suspects[s];
    const auto i = static_cast<size_t>(suspect.position);
    print(
        words("  row {}  {} -> {}  {}  {}\n", {j->source.rows.rows[i],
                                               j->source.given().name(j->source.labels[i]),
                                               suspect.suggested < 0 ? "?" : j->source.given().name(suspect.suggested),
                                               {suspect.score, 2},
                                               suspect.reason}));
  }
  print(words("{}: {} rows, {} of them suspects\n", {args.out, j->suspects.size(), j->estimate.suspects}));
  print(args.report.empty()
            ? "next: the same with --report suspects.html to decide\n"
            : "next: open " + args.report + ", decide, then winnow noise apply DATA --decisions ... --out CLEAN.csv\n");
  return 0;
}

int run_estimate(const Args& args, const Session& session) {
  const auto j = judge_labels(args.request);
  if (session.json)
    print_json(estimate_document(*j));
  else
    print(estimate_text(*j));
  return 0;
}

}  // namespace

void add_noise_source_options(CLI::App& verb, NoiseRequest& request) {
  std::string methods;
  for (const auto& [name, what] : noise_methods()) methods += "\n  " + name + ": needs " + what;
  verb.add_option("target", request.target, "run folder or embeddings folder");
  verb.add_option("--probs", request.probs, "out-of-fold probabilities, .npy [rows, classes]");
  verb.add_option("--labels", request.labels, "CSV with the given labels, in the order of --probs");
  verb.add_option("--names", request.names, "file: class of each column of --probs, one a line");
  verb.add_option("--label", request.label_column, "column with the given label (default: label)");
  verb.add_option("--votes", request.votes, "column with another person's label (repeatable)");
  verb.add_option("--method", request.methods,
                  "signals to use (repeatable, or with commas; default: all the input allows but subcentre):" + methods)
      ->delimiter(',');
  verb.add_option("--filter", request.filter, "cut of confident learning instead of the estimated number")
      ->check(CLI::IsMember(confident_filters()));
  verb.add_option("-k,--neighbours", request.neighbours, "neighbours that vote")->check(CLI::Range(1, 1000));
  verb.add_option("--seed", request.seed, "of bootstrap and k-means");
}

void add_noise_rank(CLI::App& noise, Session& session) {
  auto rank = std::make_shared<Args>();
  auto* verb = add_verb(noise, session, "rank", "the most suspect labels first, with a suggestion and the reason",
                        "  winnow noise rank runs/a --out suspects.csv --report suspects.html\n  winnow noise rank EMB "
                        "--out suspects.csv\n"
                        "  winnow noise rank --probs p.npy --labels l.csv --out suspects.csv",
                        [rank, &session] { return run_rank(*rank, session); });
  add_noise_source_options(*verb, rank->request);
  verb->add_option("--out", rank->out, "CSV to write: every row, most suspect first; column suspect = 1 above the cut")
      ->required();
  verb->add_option("--jsonl", rank->jsonl, "the same as JSON lines");
  verb->add_option("--report", rank->report, "review page to write (one HTML file)");
  verb->add_option("--top", rank->request.top, "only so many rows (0 = all)")->check(CLI::NonNegativeNumber);
  verb->add_option("--shown", rank->shown, "rows on the review page")->check(CLI::Range(1, 100000));
  auto estimate = std::make_shared<Args>();
  verb =
      add_verb(noise, session, "estimate", "how many labels are wrong, by class and kind, with intervals",
               "  winnow noise estimate EMB --json", [estimate, &session] { return run_estimate(*estimate, session); });
  add_noise_source_options(*verb, estimate->request);
}

}  // namespace winnow::cli
