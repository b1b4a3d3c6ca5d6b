#include <algorithm>

#include "retrieval/embeddings.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/evaluation/face/bin_file.h"
#include "src/evaluation/face/folds.h"
#include "src/evaluation/face/people_bootstrap.h"
#include "src/workflow/face/steps.h"

namespace winnow {
namespace {

constexpr size_t kWrongPairs = 60;

struct Loaded {
  FacePairList list;
  std::vector<std::string_view> pictures;
  std::shared_ptr<const PickleDocument> owner;
};

Loaded load_pairs(const FaceEvalOptions& options) {
  if (options.pairs.empty()) throw Error(ErrorCode::kUsage, "[face] --pairs FILE is required by this protocol");
  Loaded out;
  if (fs::path(options.pairs).extension() == ".bin") {
    BinFile bin = read_bin_file(options.pairs);
    out = {std::move(bin.list), std::move(bin.pictures), std::move(bin.document)};
    check_published(out.list, options.protocol);
  } else {
    out.list = read_pairs(options.protocol, options.pairs);
  }
  if (!options.exclude.empty()) {
    std::vector<std::string> names;
    for (const auto& line : split(read_file(options.exclude, uint64_t{1} << 30), '\n'))
      if (const auto name = trim(line); !name.empty()) names.emplace_back(name);
    const int64_t gone = exclude_people(out.list, names);
    out.list.notes.push_back(std::to_string(gone) + " pairs left out: a person of theirs is in " + options.exclude);
  }
  if (options.folds == "disjoint") {
    const auto folds = identity_disjoint_folds(out.list.pairs, out.list.person, 10);
    for (size_t i = 0; i < folds.size(); ++i) out.list.pairs[i].fold = folds[i];
    out.list.folds = 10;
    out.list.notes.push_back("folds were made anew so that no person occurs in two");
  }
  return out;
}

bool people_known(const FacePairList& list) {
  return std::all_of(list.person.begin(), list.person.end(), [](int32_t p) { return p >= 0; });
}

void add_accuracies(FaceRun& run, const FacePairList& list, const FaceEvalOptions& options) {
  if (list.folds < 2) {
    run.notes.push_back("no fold accuracy: the list has " + std::to_string(list.folds) + " folds");
    return;
  }
  bool by_people = false;
  for (const AccuracyRule rule : kAccuracyRules) {
    auto a = pair_accuracy(run.set.features, list.pairs, rule);
    const std::string name = "accuracy." + lower(accuracy_rule_name(rule));
    run.metrics[name] = a.mean;
    run.metrics[name + ".std"] = a.std_population;
    run.metrics[name + ".se"] = a.standard_error;
    if (options.bootstrap > 0) {
      const auto interval = bootstrap_accuracy(a.correct, list.pairs, list.person, options.bootstrap, options.seed);
      run.intervals[name] = interval.interval;
      by_people = interval.by_people;
    }
    run.accuracies.push_back(std::move(a));
  }
  if (options.bootstrap > 0 && !by_people)
    run.notes.push_back("the people are not known: accuracy intervals resample pairs and are too narrow");
}

void add_wrong_pairs(FaceRun& run, const FacePairList& list, const std::vector<double>& scores) {
  if (run.accuracies.empty()) return;
  const auto& a = run.accuracies.front();
  std::vector<size_t> wrong;
  for (size_t i = 0; i < a.correct.size(); ++i)
    if (!a.correct[i]) wrong.push_back(i);
  std::stable_sort(wrong.begin(), wrong.end(), [&](size_t x, size_t y) { return a.margin[x] < a.margin[y]; });
  run.metrics["wrong_pairs.r-if"] = static_cast<double>(wrong.size());
  for (size_t i = 0; i < std::min(wrong.size(), kWrongPairs); ++i) {
    const auto& p = list.pairs[wrong[i]];
    run.wrong.push_back({p.a, p.b, p.same, scores[wrong[i]]});
  }
}

void add_overlap(FaceRun& run, const FacePairList& list, const FaceEvalOptions& options) {
  if (options.train.empty()) return;
  const Embeddings train = Embeddings::open(options.train);
  if (train.dim() != run.set.features.dim)
    throw Error(ErrorCode::kMismatch, "[face] --train has " + std::to_string(train.dim()) +
                                          " dimensions, the test set " + std::to_string(run.set.features.dim));
  std::vector<int64_t> labels, people(list.person.begin(), list.person.end());
  std::unordered_map<std::string, int64_t> number;
  std::vector<std::string> names;
  for (const auto& item : train.items()) {
    const auto [at, fresh] = number.emplace(item.label, static_cast<int64_t>(names.size()));
    if (fresh) names.push_back(item.label);
    labels.push_back(item.label.empty() ? -1 : at->second);
  }
  const auto rows = unit_rows(run.set.features);
  const auto found = likely_overlap(rows, people, train.vectors(), labels, train.dim(), options.overlap);
  run.metrics["likely_overlap"] = static_cast<double>(found.size());
  std::string text = std::to_string(found.size()) + " test people look like training people (centres above cosine " +
                     format_number(options.overlap, 2) + ")";
  for (size_t i = 0; i < std::min<size_t>(5, found.size()); ++i)
    text += (i == 0 ? ": " : ", ") + list.people[static_cast<size_t>(found[i].test)] + " ~ " +
            names[static_cast<size_t>(found[i].train)] + " (" + format_number(found[i].cosine, 2) + ")";
  run.notes.push_back(text);
}

}  // namespace

FaceRun run_pair_protocol(const FaceEvalOptions& options) {
  const Loaded loaded = load_pairs(options);
  const auto& list = loaded.list;
  FaceRun run;
  run.facts = {{"pairs", list.source + ", " + std::to_string(list.pairs.size()) + " in " + std::to_string(list.folds) +
                             " folds"},
               {"pairs SHA-256", list.digest}};
  run.notes = list.notes;
  adopt_set(run, faces_of_list(list, loaded.pictures, options.source));
  const FlipMode flip = run.set.features.mirrored.empty() ? FlipMode::kNone : FlipMode::kSum;
  const auto scores = pair_scores(unit_vectors(run.set.features, flip), list.pairs);
  const bool known = people_known(list);
  add_accuracies(run, list, options);
  add_verification(run, collect_scores(scores, list.pairs, known ? list.person : std::vector<int32_t>()),
                   options.fars.empty() ? std::vector<double>{1e-3, 1e-2, 1e-1} : options.fars, options.bootstrap,
                   options.seed);
  run.metrics["best_threshold_accuracy"] = best_global_accuracy(scores, list.pairs);
  if (list.folds > 1) run.metrics["val@far=0.001"] = val_at_far(scores, list.pairs, 1e-3).val;
  if (known) {
    const auto hygiene = examine_folds(list.pairs, list.person);
    run.metrics["people"] = static_cast<double>(hygiene.people);
    run.metrics["people_in_several_folds"] = static_cast<double>(hygiene.shared);
    if (hygiene.shared > 0)
      run.notes.push_back(std::to_string(hygiene.shared) + " of " + std::to_string(hygiene.people) +
                          " people occur in more than one fold (--folds disjoint makes folds without them)");
  }
  if (known) add_overlap(run, list, options);
  add_wrong_pairs(run, list, scores);
  for (size_t i = 0; i < scores.size(); ++i)
    run.candidates.push_back({list.pairs[i].a, list.pairs[i].b, list.pairs[i].same, scores[i]});
  run.queries = static_cast<int64_t>(list.pairs.size());
  run.gallery = static_cast<int64_t>(list.images.size());
  return run;
}

}  // namespace winnow
