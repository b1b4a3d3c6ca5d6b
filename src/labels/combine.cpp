#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/labels/signals.h"

namespace winnow {
namespace {

constexpr float kSurest = 0.99f;
/// What a network says of a stranger to all classes is as sure as what it says of a swap: on its own it must not carry
/// a suggestion over the bound from which `winnow loop` accepts one.
constexpr float kSurestDynamics = 0.97f;

struct Choice {
  int32_t label;
  float weight;
};

}  // namespace

Combined combine_signals(const std::vector<Signal>& signals) {
  if (signals.empty()) throw Error(ErrorCode::kShape, "[noise] at least one signal is required");
  const size_t n = signals[0].wrong.size();
  for (const auto& signal : signals)
    if (signal.wrong.size() != n || signal.suggested.size() != n)
      throw Error(ErrorCode::kShape, "[noise] signals of " + std::to_string(n) + " rows are required, '" + signal.name +
                                         "' has " + std::to_string(signal.wrong.size()));
  Combined out{std::vector<float>(n), std::vector<int32_t>(n, -1), std::vector<float>(n)};
  std::vector<Choice> choices;
  for (size_t i = 0; i < n; ++i) {
    double sum = 0;
    int known = 0;
    bool twin = false;
    choices.clear();
    for (const auto& signal : signals) {
      const float wrong = signal.wrong[i];
      if (std::isnan(wrong)) continue;
      // A single signal keeps its own order to the last digit; several are bounded, so that none overrules the others.
      const float surest = signal.name == "dynamics" ? kSurestDynamics : kSurest;
      const float p = signals.size() == 1 ? std::clamp(wrong, 1e-7f, 1 - 1e-7f) : std::clamp(wrong, 1 - surest, surest);
      sum += std::log(static_cast<double>(p) / (1 - static_cast<double>(p)));
      ++known;
      twin = twin || signal.name == "duplicates";
      if (signal.suggested[i] < 0) continue;
      auto at =
          std::find_if(choices.begin(), choices.end(), [&](const Choice& c) { return c.label == signal.suggested[i]; });
      if (at == choices.end()) at = choices.insert(at, {signal.suggested[i], 0});
      at->weight += p;
    }
    if (known > 0) out.wrong[i] = static_cast<float>(1 / (1 + std::exp(-sum / known)));
    // One picture under two labels is no matter of opinion: it comes before everything else.
    if (twin) out.wrong[i] = kSurest + (1 - kSurest) * out.wrong[i];
    float total = 0;
    const Choice* best = nullptr;
    for (const auto& choice : choices) {
      total += choice.weight;
      if (best == nullptr || choice.weight > best->weight) best = &choice;
    }
    if (best == nullptr) continue;
    out.suggested[i] = best->label;
    out.agreement[i] = total > 0 ? best->weight / total : 0;
  }
  return out;
}

}  // namespace winnow
