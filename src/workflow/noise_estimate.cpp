#include <nlohmann/json.hpp>

#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/workflow/noise_rank.h"
#include "src/workflow/words.h"

namespace winnow {
namespace {

nlohmann::ordered_json share_json(const Share& share) {
  return {{"value", share.value}, {"low", share.low}, {"high", share.high}};
}

std::string percent(const Share& share) {
  return words("{} % ({} to {})", {{100 * share.value, 1}, {100 * share.low, 1}, {100 * share.high, 1}});
}

std::vector<std::string> method_names(const NoiseJudgement& j) {
  std::vector<std::string> out;
  for (const auto& signal : j.signals) out.push_back(signal.name);
  return out;
}

}  // namespace

nlohmann::ordered_json estimate_document(const NoiseJudgement& j) {
  const auto& e = j.estimate;
  nlohmann::ordered_json out = {{"rows", e.rows},
                                {"unlabelled", j.source.unlabelled},
                                {"classes", j.source.names.size()},
                                {"rate", share_json(e.rate)},
                                {"suspects", e.suspects},
                                {"method", e.method},
                                {"separation", e.separation},
                                {"signals", method_names(j)},
                                {"certainty", e.certainty}};
  if (j.source.trained_rate) out["rate_during_training"] = *j.source.trained_rate;
  out["twins"] = j.twins.size();
  out["by_class"] = nlohmann::json::array();
  for (size_t k = 0; k < e.by_class.size(); ++k)
    out["by_class"].push_back({{"label", j.source.names[k]}, {"rate", share_json(e.by_class[k])}});
  out["by_kind"] = nlohmann::json::array();
  for (const auto& [kind, share] : e.by_kind) out["by_kind"].push_back({{"kind", kind}, {"share", share_json(share)}});
  out["transitions"] = nlohmann::json::array();
  for (const auto& t : e.transitions)
    out["transitions"].push_back({{"given", j.source.names[static_cast<size_t>(t.given)]},
                                  {"likely", j.source.names[static_cast<size_t>(t.likely)]},
                                  {"rows", t.rows},
                                  {"share", share_json(t.share)}});
  return out;
}

std::string estimate_text(const NoiseJudgement& j) {
  const auto& e = j.estimate;
  std::string out = e.certainty + "\n" +
                    words("from {} ({}); {}\n",
                          {join(method_names(j), ", "), e.method,
                           "what all signals get wrong alike is not in the interval: `noise audit` measures it"});
  if (j.source.trained_rate) out += words("training's own estimate: {} %\n", {{100 * *j.source.trained_rate, 1}});
  for (const auto& [kind, share] : e.by_kind)
    if (share.value > 0) out += words("  {} {} of all labels\n", {kind, percent(share)});
  std::vector<size_t> worst(e.by_class.size());
  for (size_t k = 0; k < worst.size(); ++k) worst[k] = k;
  std::stable_sort(worst.begin(), worst.end(),
                   [&](size_t a, size_t b) { return e.by_class[a].value > e.by_class[b].value; });
  Table classes({"class", "wrong (95 %)"});
  for (size_t k = 0; k < worst.size() && k < 10; ++k)
    classes.add({j.source.names[worst[k]], percent(e.by_class[worst[k]])});
  Table moves({"given", "likely", "rows", "of the class (95 %)"});
  for (size_t t = 0; t < e.transitions.size() && t < 10; ++t)
    moves.add({j.source.names[static_cast<size_t>(e.transitions[t].given)],
               j.source.names[static_cast<size_t>(e.transitions[t].likely)], format_number(e.transitions[t].rows, 0),
               percent(e.transitions[t].share)});
  out += classes.text();
  if (!e.transitions.empty()) out += moves.text();
  return out;
}

}  // namespace winnow
