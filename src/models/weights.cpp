#include "src/models/weights.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/models/model.h"
#include "src/models/safetensors.h"

namespace winnow {
namespace {

bool starts_with(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

/// torchvision's classifier, which an embedding has no use for.
bool is_classifier(const std::string& name) { return starts_with(name, "fc."); }

/// Counters of batch norm decide nothing with a fixed momentum, and old files lack them.
bool is_counter(const std::string& name) {
  const std::string suffix = ".num_batches_tracked";
  return name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool is_head(const std::string& name) { return starts_with(name, "embedding.") || starts_with(name, "pool."); }

std::string text_of(at::IntArrayRef shape) {
  std::ostringstream text;
  text << shape;
  return text.str();
}

std::string fault_of(const at::Tensor& wanted, const at::Tensor& given) {
  if (wanted.sizes() != given.sizes()) return "must be " + text_of(wanted.sizes()) + ", got " + text_of(given.sizes());
  if (wanted.is_floating_point() != given.is_floating_point())
    return std::string("must hold ") + (wanted.is_floating_point() ? "floating-point numbers" : "whole numbers") +
           ", got " + c10::toString(given.scalar_type());
  if (given.is_floating_point() && !given.isfinite().all().item<bool>()) return "has values that are not finite";
  return "";
}

}  // namespace

std::string summary(const std::vector<std::string>& lines) {
  constexpr size_t kShown = 20;
  const std::vector<std::string> first(lines.begin(),
                                       lines.begin() + static_cast<ptrdiff_t>(std::min(lines.size(), kShown)));
  std::string text = std::to_string(lines.size()) + (lines.size() == 1 ? " difference" : " differences") + "\n  " +
                     join(first, "\n  ");
  if (lines.size() > kShown) text += "\n  and " + std::to_string(lines.size() - kShown) + " more";
  return text;
}

WeightsDiff compare_state(const NamedTensors& given, const NamedTensors& wanted) {
  std::map<std::string, at::Tensor> by_name(given.begin(), given.end());
  WeightsDiff diff;
  for (const auto& [name, tensor] : wanted) {
    const auto found = by_name.find(name);
    if (found != by_name.end()) {
      const std::string fault = fault_of(tensor, found->second);
      if (!fault.empty()) diff.faults.push_back(name + ": " + fault);
      by_name.erase(found);
    } else if (is_head(name)) {
      diff.absent_head.push_back(name + ": missing, must be " + text_of(tensor.sizes()));
    } else if (!is_counter(name)) {
      diff.faults.push_back(name + ": missing, must be " + text_of(tensor.sizes()));
    }
  }
  for (const auto& [name, tensor] : by_name)
    if (!is_classifier(name) && !is_counter(name))
      diff.faults.push_back(name + ": not part of this model, is " + text_of(tensor.sizes()));
  return diff;
}

void copy_state(const NamedTensors& from, const NamedTensors& to) {
  const c10::NoGradGuard no_grad;
  const std::map<std::string, at::Tensor> by_name(from.begin(), from.end());
  for (const auto& [name, tensor] : to) {
    const auto found = by_name.find(name);
    if (found != by_name.end()) tensor.copy_(found->second);
  }
}

std::vector<std::string> diff_weights(const fs::path& weights, EmbeddingModel& model) {
  WeightsDiff diff = compare_state(read_safetensors(weights), model.state());
  std::vector<std::string> lines = std::move(diff.faults);
  lines.insert(lines.end(), diff.absent_head.begin(), diff.absent_head.end());
  return lines;
}

void load_weights(const fs::path& weights, EmbeddingModel& model) {
  const NamedTensors given = read_safetensors(weights), wanted = model.state();
  const WeightsDiff diff = compare_state(given, wanted);
  if (!diff.faults.empty())
    throw Error(ErrorCode::kData, "[weights] " + weights.string() + " does not fit the model: " + summary(diff.faults));
  copy_state(given, wanted);
}

}  // namespace winnow
