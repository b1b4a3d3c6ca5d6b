#include "src/workflow/face/eval.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/workflow/face/steps.h"

namespace winnow {
namespace {

using Runner = FaceRun (*)(const FaceEvalOptions&);

struct Entry {
  FaceProtocol info;
  Runner run;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = {
      {{"lfw", "pairs.txt or lfw.bin", "Labeled Faces in the Wild, View 2: ten folds of 300 + 300"}, run_pair_protocol},
      {{"cfp-ff", "folder Protocol or cfp_ff.bin", "CFP, frontal against frontal: ten folds of 350 + 350"},
       run_pair_protocol},
      {{"cfp-fp", "folder Protocol or cfp_fp.bin", "CFP, frontal against profile: ten folds of 350 + 350"},
       run_pair_protocol},
      {{"agedb", "agedb_30.bin or CSV", "AgeDB-30: ten folds of 300 + 300"}, run_pair_protocol},
      {{"calfw", "pairs_CALFW.txt or .bin", "Cross-Age LFW, two lines a pair"}, run_pair_protocol},
      {{"cplfw", "pairs_CPLFW.txt or .bin", "Cross-Pose LFW, two lines a pair"}, run_pair_protocol},
      {{"rfw", "pairs file", "Racial Faces in the Wild: LFW's lines without a header"}, run_pair_protocol},
      {{"csv", "CSV a,b,same[,fold,person_a,person_b]", "pairs of your own"}, run_pair_protocol},
      {{"bin", "InsightFace .bin", "any InsightFace verification set"}, run_pair_protocol},
      {{"all-pairs", "", "every pair of a labelled collection"}, run_all_pairs},
      {{"identify", "", "1:N with strangers: FNIR at FPIR on a labelled collection"}, run_identify},
      {{"cluster", "", "identities by threshold clustering: NMI, AMI, BCubed"}, run_cluster},
      {{"ijbb", "folder meta", "IJB-B 1:1, all eight ways of pooling"}, run_ijb_verify},
      {{"ijbc", "folder meta", "IJB-C 1:1, all eight ways of pooling"}, run_ijb_verify},
      {{"ijbb-1n", "folder meta", "IJB-B 1:N, per gallery and averaged"}, run_ijb_identify},
      {{"ijbc-1n", "folder meta", "IJB-C 1:N, per gallery and averaged"}, run_ijb_identify},
      {{"megaface", "probe list JSON", "MegaFace Challenge 1 with own scorer; raw and R"}, run_megaface}};
  return all;
}

nlohmann::ordered_json point_json(const OperatingPoint& p) {
  nlohmann::ordered_json j = {
      {"far", p.target}, {"rule", far_rule_name(p.rule)}, {"tar", p.tar}, {"realised_far", p.far}};
  if (p.threshold) {
    j["threshold"] = *p.threshold;
    j["accepts"] = p.accepts_equal ? ">=" : ">";
    j["false_accepts"] = p.false_accepts;
    j["ties_at_threshold"] = p.ties;
  }
  j["too_few_impostors"] = p.too_few;
  return j;
}

nlohmann::ordered_json accuracy_json(const PairAccuracy& a) {
  return {{"rule", accuracy_rule_name(a.rule)},
          {"explained", explain_accuracy_rule(a.rule)},
          {"mean", a.mean},
          {"std_population", a.std_population},
          {"standard_error", a.standard_error},
          {"accuracy_by_fold", a.accuracy},
          {"threshold_by_fold", a.threshold}};
}

}  // namespace

const std::vector<FaceProtocol>& face_protocols() {
  static const std::vector<FaceProtocol> all = [] {
    std::vector<FaceProtocol> out;
    for (const auto& e : entries()) out.push_back(e.info);
    return out;
  }();
  return all;
}

FaceRun evaluate_faces(const FaceEvalOptions& options) {
  std::vector<std::string> names;
  for (const auto& entry : entries()) {
    names.push_back(entry.info.name);
    if (entry.info.name != options.protocol) continue;
    const auto start = std::chrono::steady_clock::now();
    FaceRun run = entry.run(options);
    run.protocol = options.protocol;
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return run;
  }
  const auto near = nearest_name(options.protocol, names);
  throw Error(ErrorCode::kUsage, "[face] unknown protocol '" + options.protocol + "'" +
                                     (near ? " (did you mean '" + *near + "'?)" : "") +
                                     "; known: " + join(names, ", "));
}

std::string face_json(const FaceRun& run) {
  nlohmann::ordered_json j;
  j["protocol"] = run.protocol;
  j["metrics"] = run.metrics;
  for (const auto& [name, interval] : run.intervals) j["intervals"][name] = {interval.low, interval.high};
  for (const auto& a : run.accuracies) j["accuracies"].push_back(accuracy_json(a));
  for (const auto& p : run.points) j["points"].push_back(point_json(p));
  for (const auto& p : run.open_points)
    j["open_set"].push_back({{"fpir", p.target},
                             {"rule", fpir_rule_name(p.rule)},
                             {"tpir", p.tpir},
                             {"realised_fpir", p.fpir},
                             {"threshold", p.threshold},
                             {"false_alarms", p.false_alarms},
                             {"too_few_probes", p.too_few}});
  if (run.scores) {
    j["genuine"] = run.scores->genuine.size();
    j["impostors"] = run.scores->impostors;
    j["failed_pairs"] = run.scores->failed_pairs;
  }
  for (const auto& w : run.wrong)
    j["wrong_pairs"].push_back({{"a", run.set.names[static_cast<size_t>(w.a)]},
                                {"b", run.set.names[static_cast<size_t>(w.b)]},
                                {"same", w.same},
                                {"score", w.score}});
  j["notes"] = run.notes;
  for (const auto& [name, value] : run.facts) j["facts"][name] = value;
  j["queries"] = run.queries;
  j["gallery"] = run.gallery;
  j["seconds"] = run.seconds;
  j["embed_seconds"] = run.set.embed_seconds;
  j["peak_rss_bytes"] = peak_rss_bytes();
  return j.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string face_text(const FaceRun& run) {
  Table table({"metric", "value", "95 % interval"});
  for (const auto& [name, value] : run.metrics) {
    const auto at = run.intervals.find(name);
    table.add({name, format_number(value, 5),
               at == run.intervals.end()
                   ? ""
                   : format_number(at->second.low, 5) + " .. " + format_number(at->second.high, 5)});
  }
  std::string out = table.text();
  if (!run.points.empty()) {
    Table rules({"FAR", "rule", "TAR", "realised FAR", "threshold", "false accepts", "mark"});
    for (const auto& p : run.points)
      rules.add({target_text(p.target), far_rule_name(p.rule), format_number(p.tar, 5), target_text(p.far),
                 p.threshold ? (p.accepts_equal ? ">= " : "> ") + format_number(*p.threshold, 5) : "none",
                 p.threshold ? std::to_string(p.false_accepts) : "", p.too_few ? "too few impostors" : ""});
    out += "\n" + rules.text();
  }
  for (const auto& a : run.accuracies) out += explain_accuracy_rule(a.rule) + "\n";
  for (const auto& note : run.notes) out += "note: " + note + "\n";
  return out + std::to_string(run.queries) + " queries, " + std::to_string(run.gallery) + " in the gallery, " +
         format_number(run.seconds, 1) + " s (" + format_number(run.set.embed_seconds, 1) + " s embedding)\n";
}

}  // namespace winnow
