#include "src/labels/suspects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/csv.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr size_t kEvidence = 5;

std::string reason_of(const RankRequest& request, size_t i) {
  if (std::all_of(request.signals.begin(), request.signals.end(),
                  [&](const Signal& s) { return std::isnan(s.wrong[i]); }))
    return "no signal knows this row";
  // The strongest doubts first; what speaks for the label is left out where something speaks against it.
  std::vector<const Signal*> order;
  for (const auto& signal : request.signals)
    if (!std::isnan(signal.wrong[i])) order.push_back(&signal);
  std::stable_sort(order.begin(), order.end(),
                   [&](const Signal* a, const Signal* b) { return a->wrong[i] > b->wrong[i]; });
  std::vector<std::string> parts;
  for (const auto* signal : order)
    if (parts.empty() || signal->wrong[i] > 0.5f) parts.push_back(signal->reason(static_cast<int64_t>(i)));
  return join(parts, "; ");
}

void add_evidence(Suspect& suspect, const RankRequest& request) {
  if (request.neighbours == nullptr) return;
  const auto& table = *request.neighbours;
  const int64_t label = request.given.labels[static_cast<size_t>(suspect.position)];
  for (int64_t j = suspect.position * table.k; j < (suspect.position + 1) * table.k; ++j) {
    const int32_t row = table.rows[static_cast<size_t>(j)];
    if (row < 0) continue;
    const int64_t other = request.given.labels[static_cast<size_t>(row)];
    auto* list = other == label ? &suspect.near_given : other == suspect.suggested ? &suspect.near_suggested : nullptr;
    if (list != nullptr && list->size() < kEvidence) list->push_back(row);
  }
}

std::vector<int64_t> stable_rows(const std::vector<int64_t>& positions, const RowNames& names) {
  std::vector<int64_t> out;
  for (const int64_t p : positions) out.push_back(names.rows[static_cast<size_t>(p)]);
  return out;
}

std::string row_list(const std::vector<int64_t>& positions, const RowNames& names) {
  std::vector<std::string> out;
  for (const int64_t row : stable_rows(positions, names)) out.push_back(std::to_string(row));
  return join(out, " ");
}

}  // namespace

std::vector<Suspect> rank_suspects(const RankRequest& request) {
  const auto order = suspicion_order(request.combined.wrong);
  const auto count = request.top > 0 ? std::min(order.size(), static_cast<size_t>(request.top)) : order.size();
  std::vector<Suspect> out(count);
  for (size_t s = 0; s < count; ++s) {
    const auto i = static_cast<size_t>(order[s]);
    Suspect& suspect = out[s];
    suspect.position = order[s];
    suspect.score = request.combined.wrong[i];
    suspect.suggested = request.combined.suggested[i];
    suspect.confidence = suspect.suggested < 0 ? 0 : suspect.score * request.combined.agreement[i];
    suspect.flagged = static_cast<int64_t>(s) < request.estimate.suspects;
    suspect.kind = request.estimate.kinds[i];
    suspect.reason = reason_of(request, i);
    add_evidence(suspect, request);
  }
  return out;
}

void write_suspects_csv(const fs::path& file, const std::vector<Suspect>& suspects, const GivenLabels& given,
                        const RowNames& names) {
  AtomicFile out(file);
  out.write(csv_line({"row", "path", "label", "score", "suggested", "confidence", "reason", "kind", "suspect",
                      "near_given", "near_suggested"}));
  for (const auto& s : suspects) {
    const auto i = static_cast<size_t>(s.position);
    out.write(
        csv_line({std::to_string(names.rows[i]), names.paths.empty() ? "" : names.paths[i], given.name(given.labels[i]),
                  fmt::format("{:.6f}", s.score), s.suggested < 0 ? "" : given.name(s.suggested),
                  fmt::format("{:.4f}", s.confidence), s.reason, s.kind, s.flagged ? "1" : "0",
                  row_list(s.near_given, names), row_list(s.near_suggested, names)}));
  }
  out.commit();
}

void write_suspects_jsonl(const fs::path& file, const std::vector<Suspect>& suspects, const GivenLabels& given,
                          const RowNames& names) {
  AtomicFile out(file);
  for (const auto& s : suspects) {
    const auto i = static_cast<size_t>(s.position);
    const nlohmann::ordered_json line = {{"row", names.rows[i]},
                                         {"path", names.paths.empty() ? "" : names.paths[i]},
                                         {"label", given.name(given.labels[i])},
                                         {"score", s.score},
                                         {"suggested", s.suggested < 0 ? "" : given.name(s.suggested)},
                                         {"confidence", s.confidence},
                                         {"reason", s.reason},
                                         {"kind", s.kind},
                                         {"suspect", s.flagged},
                                         {"near_given", stable_rows(s.near_given, names)},
                                         {"near_suggested", stable_rows(s.near_suggested, names)}};
    out.write(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  out.commit();
}

}  // namespace winnow
