#include "src/workflow/eval_threshold.h"

#include <map>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/tables.h"
#include "src/models/card_file.h"

namespace winnow {
namespace {

constexpr size_t kLeastOfClass = 50, kShownBehind = 20;

std::vector<ClassThreshold> by_class(const ThresholdRun& run, const std::vector<FirstHit>& hits,
                                     const RetrievalOptions& options) {
  std::map<int64_t, std::vector<FirstHit>> classes;
  for (const auto& hit : hits) classes[hit.label].push_back(hit);
  std::vector<ClassThreshold> out;
  for (const auto& [label, of_class] : classes) {
    if (of_class.size() < kLeastOfClass) continue;
    const auto threshold =
        find_threshold(of_class, parse_threshold_target(run.target), options.bootstrap, options.seed);
    if (threshold.reached) out.push_back({run.run.label_names[static_cast<size_t>(label)], threshold});
  }
  return out;
}

}  // namespace

nlohmann::ordered_json threshold_values(const Threshold& t) {
  return {{"score", t.score},       {"interval", {t.interval.low, t.interval.high}},
          {"reached", t.reached},   {"precision", t.precision},
          {"recall", t.recall},     {"far", t.far},
          {"accepted", t.accepted}, {"right", t.right},
          {"wrong", t.wrong},       {"too_few", t.too_few}};
}

ThresholdRun threshold_of_folders(const fs::path& queries, const fs::path& gallery, const std::string& target,
                                  const RetrievalOptions& options) {
  ThresholdRun out;
  out.target = target;
  const auto parsed = parse_threshold_target(target);
  out.run = evaluate_folders(queries, gallery, options);
  const auto hits = first_hits(out.run.result, out.run.query_set.labels, out.run.gallery_set.labels);
  out.threshold = find_threshold(hits, parsed, options.bootstrap, options.seed);
  out.classes = by_class(out, hits, options);
  out.behind = hits_behind(hits, out.threshold.score, kShownBehind);
  return out;
}

nlohmann::ordered_json threshold_document(const ThresholdRun& run) {
  nlohmann::ordered_json j = {{"target", run.target}, {"threshold", threshold_values(run.threshold)}};
  j["queries"] = run.run.result.queries.size();
  j["classes"] = nlohmann::ordered_json::object();
  for (const auto& c : run.classes) j["classes"][c.label] = threshold_values(c.threshold);
  j["behind"] = nlohmann::ordered_json::array();
  for (const auto& hit : run.behind) {
    const auto& query = run.run.result.queries[static_cast<size_t>(hit.query)];
    const auto& item = run.run.query_item(query.query_row);
    const auto& answer = run.run.gallery_item(query.top[0].gallery_row);
    j["behind"].push_back({{"score", hit.score},
                           {"right", hit.right},
                           {"query", item.path},
                           {"label", item.label},
                           {"hit", answer.path},
                           {"hit_label", answer.label}});
  }
  j["model_digest"] = run.run.queries.info().model_digest;
  return j;
}

std::string threshold_sentence(const Threshold& t, const std::string& target, const std::string& cases) {
  const auto share = [](double v) { return format_number(v, 4); };
  return "threshold " + share(t.score) + " (95 %: " + share(t.interval.low) + " .. " + share(t.interval.high) +
         ") for " + target + (t.reached ? "" : ": NOT REACHED by any score") +
         (t.too_few ? "; too few cases to rely on" : "") + "\nprecision " + share(t.precision) + ", recall " +
         share(t.recall) + ", far " + format_number(t.far, 6) + "; " + std::to_string(t.accepted) + " of " +
         std::to_string(t.right + t.wrong) + " " + cases + " accepted\n";
}

std::string threshold_text(const ThresholdRun& run) {
  std::string out = threshold_sentence(run.threshold, run.target, "first hits");
  const auto share = [](double v) { return format_number(v, 4); };
  Table classes({"class", "threshold", "precision", "recall", "queries"});
  for (const auto& c : run.classes)
    classes.add({c.label, share(c.threshold.score), share(c.threshold.precision), share(c.threshold.recall),
                 std::to_string(c.threshold.right + c.threshold.wrong)});
  if (!run.classes.empty()) out += classes.text();
  Table behind({"score", "should be", "query", "label", "first hit", "label of the hit"});
  for (const auto& hit : run.behind) {
    const auto& query = run.run.result.queries[static_cast<size_t>(hit.query)];
    const auto& item = run.run.query_item(query.query_row);
    const auto& answer = run.run.gallery_item(query.top[0].gallery_row);
    behind.add(
        {share(hit.score), hit.right ? "accepted" : "refused", item.path, item.label, answer.path, answer.label});
  }
  return run.behind.empty() ? out : out + behind.text();
}

void store_threshold(const fs::path& model, const std::string& level, const std::string& target,
                     const Threshold& threshold, const std::string& model_digest,
                     const nlohmann::ordered_json& details) {
  const CardFile card = read_card_file(model, false);
  if (card.card.weights_digest != model_digest)
    throw Error(ErrorCode::kMismatch, "[threshold] the vectors must come from " + model.string() + " (model " +
                                          card.card.weights_digest.substr(0, 12) + "), they come from " +
                                          (model_digest.empty() ? "no model" : "model " + model_digest.substr(0, 12)));
  if (!threshold.reached)
    throw Error(ErrorCode::kData,
                "[threshold] no score of these data reaches " + target + "; nothing was stored in the card");
  auto json = nlohmann::ordered_json::parse(read_file(model / kCardFile));
  auto& entry = json["thresholds"][level];
  entry = {
      {"target", target}, {"score", threshold.score}, {"interval", {threshold.interval.low, threshold.interval.high}}};
  entry.update(details);
  write_json_atomically(model / kCardFile, json);
}

void store_threshold(const fs::path& model, const ThresholdRun& run, const std::string& level) {
  nlohmann::ordered_json details = {{"queries", run.run.result.queries.size()},
                                    {"vectors", run.run.queries.info().vectors_digest}};
  for (const auto& c : run.classes) details["classes"][c.label] = c.threshold.score;
  store_threshold(model, level, run.target, run.threshold, run.run.queries.info().model_digest, details);
}

std::string MatchLevels::verdict(double score) const {
  if (!same && !similar) return "";
  if (same && score >= *same) return "same";
  if (similar && score >= *similar) return "similar";
  return "no confident match";
}

MatchLevels read_match_levels(const fs::path& model) {
  MatchLevels out;
  const fs::path file = model / kCardFile;
  std::error_code ignored;
  if (model.empty() || !fs::exists(file, ignored)) return out;
  const auto json = read_json(file);
  const auto found = json.find("thresholds");
  if (found == json.end() || !found->is_object()) return out;
  for (const auto& [level, value] : found->items()) {
    const auto score = value.is_object() ? value.find("score") : value.end();
    if (score == value.end() || !score->is_number())
      throw Error(ErrorCode::kData, file.string() + ": thresholds." + level + ".score must be a number");
    if (level == "same") out.same = score->get<double>();
    if (level == "similar") out.similar = score->get<double>();
  }
  return out;
}

}  // namespace winnow
