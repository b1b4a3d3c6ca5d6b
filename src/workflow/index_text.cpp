#include "src/workflow/index_text.h"

#include <nlohmann/json.hpp>

#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow {
namespace {

nlohmann::ordered_json history_document(const IndexInfo& i) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& e : i.history)
    all.push_back({{"generation", e.generation},
                   {"created", e.created},
                   {"what", e.what},
                   {"factory", e.factory},
                   {"vectors", e.count},
                   {"recall@10_vs_exact", e.recall_at_10}});
  return all;
}

}  // namespace

nlohmann::ordered_json index_info_json(const IndexInfo& i) {
  return {{"generation", i.generation},
          {"items", i.live},
          {"vectors", i.count},
          {"added", i.added},
          {"removed", i.removed},
          {"dim", i.dim},
          {"type", i.type},
          {"factory", i.factory},
          {"probe", i.probe},
          {"reason", i.reason},
          {"metric", i.metric},
          {"index_bytes", i.index_bytes},
          {"build_seconds", i.build_seconds},
          {"model_digest", i.model_digest},
          {"preprocessing_digest", i.preprocessing_digest},
          {"recipe", i.recipe},
          {"whitening_digest", i.whitening_digest},
          {"augmented", i.augmented},
          {"model", i.model_path},
          {"faiss", i.faiss_version},
          {"winnow", i.winnow_version},
          {"created", i.created},
          {"recall@10_vs_exact", i.recall_at_10},
          {"history", history_document(i)}};
}

std::string index_info_text(const IndexInfo& i) {
  std::string text = std::to_string(i.live) + " items; " + std::to_string(i.count) + " vectors of " +
                     std::to_string(i.dim) + " numbers, " + i.factory +
                     (i.probe > 0 ? " (probe " + std::to_string(i.probe) + ")" : "") + ", " +
                     format_bytes(i.index_bytes) + ", generation " + std::to_string(i.generation) + "\n";
  if (i.added + i.removed > 0)
    text += "since then " + std::to_string(i.added) + " written, " + std::to_string(i.removed) +
            " replaced or removed (`winnow index compact` folds them in)\n";
  if (!i.recipe.empty()) text += "pictures: " + i.recipe + "\n";
  if (!i.whitening_digest.empty()) text += "whitened by " + i.whitening_digest.substr(0, 12) + "\n";
  if (i.augmented > 0) text += "vectors expanded by their " + std::to_string(i.augmented) + " neighbours (DBA)\n";
  if (!i.reason.empty()) text += "why: " + i.reason + "\n";
  text += "model " + i.model_digest.substr(0, 12) +
          (i.model_path.empty() ? " (place not recorded)" : " at " + i.model_path) + "\nFAISS " + i.faiss_version +
          ", winnow " + i.winnow_version + ", " + i.created + "\n";
  Table table({"generation", "when", "what", "type", "vectors", "recall@10"});
  for (const auto& e : i.history)
    table.add({std::to_string(e.generation), e.created, e.what, e.factory, std::to_string(e.count),
               e.recall_at_10 < 0 ? "" : format_number(e.recall_at_10, 4)});
  return text + (i.history.empty() ? "" : table.text());
}

nlohmann::ordered_json verification_json(const IndexVerification& v) {
  return {{"ok", v.ok},
          {"problems", v.problems},
          {"recall@10_vs_exact", v.recall_at_10},
          {"recall@10_then", v.recall_then},
          {"sample", v.sample},
          {"checked_ids", v.checked_ids}};
}

std::string verification_text(const IndexVerification& v) {
  std::string text;
  for (const auto& problem : v.problems) text += "problem: " + problem + "\n";
  if (!v.ok) return text;
  return text + "digests and counts agree; recall@10 against exact search " + format_number(v.recall_at_10, 4) +
         " on " + std::to_string(v.sample) + " items" +
         (v.recall_then < 0 ? "" : " (" + format_number(v.recall_then, 4) + " when it was built)") + "; " +
         std::to_string(v.checked_ids) + " searches returned live items only\n";
}

nlohmann::ordered_json migration_json(const Migration& m) {
  return {{"swapped", m.swapped},
          {"queries", m.queries},
          {"labelled", m.labelled},
          {"recall@1_before", m.recall_before},
          {"recall@1_after", m.recall_after},
          {"overlap@10", m.overlap_at_10},
          {"generation", m.info.generation}};
}

std::string migration_text(const Migration& m) {
  return std::to_string(m.queries) + " queries: recall@1 " + format_number(m.recall_before, 4) + " -> " +
         format_number(m.recall_after, 4) + ", " + format_number(100 * m.overlap_at_10, 1) +
         " % of the ten best are the same" + (m.labelled ? "" : " (no labels, so recall says nothing)") + "\n" +
         (m.swapped ? "swapped: generation " + std::to_string(m.info.generation) + "\n"
                    : "not swapped: the new model is worse; --force swaps all the same\n");
}

nlohmann::ordered_json score_words_json(const ScoreWords& w) {
  return {{"match", w.match}, {"possible", w.possible}, {"queries", w.queries}, {"pairs", w.pairs}};
}

std::string score_words_text(const ScoreWords& w) {
  return "match from " + format_number(w.match, 4) + " (95 % of such pairs share a label), possible from " +
         format_number(w.possible, 4) + " (50 %); " + std::to_string(w.pairs) + " pairs of " +
         std::to_string(w.queries) + " items\n";
}

}  // namespace winnow
