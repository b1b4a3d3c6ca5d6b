#include "src/workflow/noise_review.h"

#include <algorithm>
#include <map>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/text.h"
#include "src/labels/audit.h"
#include "src/labels/decisions.h"
#include "src/report/review_page.h"
#include "src/workflow/pictures.h"
#include "src/workflow/words.h"

namespace winnow {
namespace {

constexpr int kSide = 192, kSmall = 72;

/// Thumbnails, each made once.
class Thumbnails {
 public:
  explicit Thumbnails(const NoiseSource& source) : source_(source), finder_(source.pictures) {}
  std::string get(int64_t position, int side) {
    if (source_.pictures.empty()) return "";
    const auto [at, added] = made_.try_emplace({position, side});
    if (added) at->second = finder_.thumbnail(source_.rows.paths[static_cast<size_t>(position)], side);
    return at->second;
  }

 private:
  const NoiseSource& source_;
  PictureFinder finder_;
  std::map<std::pair<int64_t, int>, std::string> made_;
};

ReviewItem review_item(const NoiseJudgement& j, const Suspect& suspect, Thumbnails& thumbnails) {
  const auto i = static_cast<size_t>(suspect.position);
  const GivenLabels given = j.source.given();
  ReviewItem item;
  item.row = j.source.rows.rows[i];
  item.path = j.source.rows.paths[i];
  item.label = given.name(j.source.labels[i]);
  item.suggested = suspect.suggested < 0 ? "" : given.name(suspect.suggested);
  item.reason = suspect.reason;
  item.kind = suspect.kind;
  item.score = suspect.score;
  item.confidence = suspect.confidence;
  item.expected = j.estimate.posterior[i];
  item.data_uri = thumbnails.get(suspect.position, kSide);
  for (const auto& [from, to] : {std::pair{&suspect.near_given, &item.given}, {&suspect.near_suggested, &item.other}})
    for (const int64_t row : *from)
      to->push_back({j.source.rows.rows[static_cast<size_t>(row)],
                     given.name(j.source.labels[static_cast<size_t>(row)]), thumbnails.get(row, kSmall)});
  return item;
}

std::string key_of(const NoiseJudgement& j, const std::string& what) {
  Sha256 digest;
  digest.update(what);
  for (const auto& path : j.source.rows.paths) digest.update(path);
  digest.update(j.source.labels.data(), j.source.labels.size() * sizeof(int64_t));
  return digest.hex().substr(0, 16);
}

}  // namespace

void write_noise_review(const fs::path& file, const NoiseJudgement& j, int64_t count) {
  Thumbnails thumbnails(j.source);
  ReviewPage page;
  page.title = "Suspicious labels";
  page.labels = j.source.names;
  page.key = key_of(j, "review");
  const auto shown = std::min(static_cast<size_t>(count), j.suspects.size());
  double expected = 0;
  for (size_t s = 0; s < shown; ++s) {
    page.items.push_back(review_item(j, j.suspects[s], thumbnails));
    expected += page.items.back().expected;
  }
  page.lead = {"Estimate: " + j.estimate.certainty + ".",
               words("Here are the {} most suspect rows, about {} of them wrong. Decide with the keys k "
                     "keep, r relabel to the "
                     "suggestion (or type another label), d drop, u unsure, z undo; then save the decisions.",
                     {shown, {expected, 0}}),
               "winnow noise apply DATA --decisions suspects.decisions.csv --out CLEAN.csv writes a new manifest; the "
               "old one is never edited."};
  write_review_page(file, page);
}

void write_audit_page(const fs::path& file, const fs::path& key, const NoiseJudgement& j, int64_t each, uint64_t seed) {
  std::vector<char> flagged(j.source.labels.size(), 0);
  const auto order = suspicion_order(j.combined.wrong);
  for (int64_t s = 0; s < j.estimate.suspects; ++s) flagged[static_cast<size_t>(order[static_cast<size_t>(s)])] = 1;
  const AuditSample sample = draw_audit(flagged, each, each, seed);
  Thumbnails thumbnails(j.source);
  ReviewPage page;
  page.title = "Blind check of labels";
  page.blind = true;
  page.key = key_of(j, "audit" + std::to_string(seed));
  page.lead = {
      words("{} rows in random order, some of them suspects. Is the label right? k right, r wrong, u unsure, z undo.",
            {sample.positions.size()}),
      "Save the answers, then: winnow noise audit --answers audit.answers.csv --key " + key.string()};
  std::string text = csv_line({"row", "path", "label", "kind", "flagged", "rows"});
  for (const int64_t position : sample.positions) {
    const auto i = static_cast<size_t>(position);
    Suspect plain;
    plain.position = position;
    page.items.push_back(review_item(j, plain, thumbnails));
    text += csv_line({std::to_string(j.source.rows.rows[i]), j.source.rows.paths[i],
                      j.source.names[static_cast<size_t>(j.source.labels[i])], flagged[i] != 0 ? "suspect" : "other",
                      std::to_string(j.estimate.suspects), std::to_string(j.source.labels.size())});
  }
  write_file_atomically(key, text);
  write_review_page(file, page);
}

AuditOutcome judge_audit_answers(const fs::path& answers, const fs::path& key) {
  const Csv csv = read_csv(key);
  const auto row = static_cast<size_t>(csv.require_column("row")),
             kind = static_cast<size_t>(csv.require_column("kind")),
             flagged = static_cast<size_t>(csv.require_column("flagged")),
             rows = static_cast<size_t>(csv.require_column("rows"));
  std::map<int64_t, bool> suspect;
  AuditOutcome out;
  for (const auto& fields : csv.rows) {
    const auto number = parse_int(fields[row]), f = parse_int(fields[flagged]), n = parse_int(fields[rows]);
    if (!number || !f || !n)
      throw Error(ErrorCode::kData, key.string() + ": whole numbers are required in row, flagged and rows");
    suspect[*number] = fields[kind] == "suspect";
    out.flagged = *f;
    out.rows = *n;
  }
  for (const auto& decision : read_decisions(answers, 0, false)) {
    const auto at = suspect.find(decision.row);
    if (at == suspect.end())
      throw Error(ErrorCode::kData, answers.string() + ":" + std::to_string(decision.line) + ": row " +
                                        std::to_string(decision.row) + " is not in the sample");
    if (decision.verdict == Verdict::kUnsure) {
      ++out.unsure;
      continue;
    }
    const int64_t wrong = decision.verdict == Verdict::kKeep ? 0 : 1;
    (at->second ? out.suspects_wrong : out.others_wrong) += wrong;
    ++(at->second ? out.suspects_checked : out.others_checked);
  }
  const auto result = judge_audit(
      {out.suspects_wrong, out.suspects_checked, out.others_wrong, out.others_checked, out.flagged, out.rows});
  out.precision = result.precision;
  out.recall = result.recall;
  out.rate = result.rate;
  return out;
}

}  // namespace winnow
