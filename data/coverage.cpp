#include <algorithm>

#include "data/sampler.h"

namespace winnow {
namespace {

/// 2640 -> "2,640".
std::string grouped(int64_t n) {
  std::string digits = std::to_string(n);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace

std::string Coverage::text() const {
  return "epoch uses " + grouped(used) + " of " + grouped(items) + " pictures, " + grouped(repeated_items) +
         " of them more than once; " + grouped(unused_classes) + " of " + grouped(classes) + " classes never";
}

Coverage epoch_coverage(const Sampler& sampler, int64_t epoch, const SamplerContext& context) {
  std::vector<int64_t> seen(context.labels.size(), 0);
  for (const auto& batch : sampler.batches(epoch))
    for (const int64_t item : batch) ++seen.at(static_cast<size_t>(item));
  Coverage out;
  out.items = static_cast<int64_t>(seen.size());
  out.classes = context.classes;
  std::vector<char> class_used(static_cast<size_t>(context.classes), 0);
  for (size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 0) continue;
    ++out.used;
    if (seen[i] > 1) ++out.repeated_items;
    if (context.labels[i] >= 0) class_used.at(static_cast<size_t>(context.labels[i])) = 1;
  }
  out.unused_classes = std::count(class_used.begin(), class_used.end(), 0);
  return out;
}

}  // namespace winnow
