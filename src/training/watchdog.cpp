#include "src/training/watchdog.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "src/core/error.h"

namespace winnow {
namespace {

constexpr size_t kRowsShown = 16;

std::string place_text(const StepPlace& place) {
  std::ostringstream out;
  out << "[train] epoch " << place.epoch + 1 << ", step " << place.step + 1 << ": ";
  return out.str();
}

std::string row_list(const std::vector<int64_t>& rows) {
  std::ostringstream out;
  for (size_t i = 0; i < std::min(rows.size(), kRowsShown); ++i) out << (i ? ", " : "") << rows[i];
  if (rows.size() > kRowsShown) out << ", ... (" << rows.size() << " in all)";
  return out.str();
}

}  // namespace

double mean_pair_distance(const at::Tensor& z) {
  const at::NoGradGuard no_grad;
  const auto b = static_cast<double>(z.size(0));
  if (b < 2) return 0.0;
  // The sum over i != j of z_i . z_j is |sum z|^2 - sum |z_i|^2.
  const double whole = z.sum(0).square().sum().item<double>(), own = z.square().sum().item<double>();
  return 1.0 - (whole - own) / (b * (b - 1.0));
}

double effective_rank(const at::Tensor& z) {
  const at::NoGradGuard no_grad;
  if (z.size(0) < 2) return 1.0;
  const auto centred = z.to(at::kDouble) - z.to(at::kDouble).mean(0, true);
  auto values = at::linalg_eigvalsh(centred.t().mm(centred)).clamp_min(0.0);
  const double total = values.sum().item<double>();
  if (!(total > 0)) return 1.0;
  values = values / total;
  return std::exp(-(values * values.clamp_min(1e-300).log()).sum().item<double>());
}

bool CollapseWatch::collapsed(int64_t step, double distance) {
  streak_ = step >= first_step_ && distance < limit_ ? streak_ + 1 : 0;
  return streak_ >= kPatience;
}

void fail_non_finite(const StepPlace& place, double loss) {
  std::ostringstream out;
  out << place_text(place) << "a finite loss is required, got " << loss << " for manifest rows " << row_list(place.rows)
      << ". The learning rate is " << place.learning_rate
      << "; try training.learning_rate a tenth of it, training.warmup_epochs=1 or training.clip_norm=1. If it always "
         "happens at the same rows, look at these pictures.";
  throw Error(ErrorCode::kNumeric, out.str());
}

void fail_collapsed(const StepPlace& place, double distance, double limit, const std::string& rewrites) {
  std::ostringstream out;
  out << place_text(place) << "the embeddings have collapsed: mean pair distance " << distance
      << " (1 - cosine) stayed below " << limit << " for " << CollapseWatch::kPatience << " steps. ";
  if (!rewrites.empty())
    out << "targets: " << rewrites
        << " replaces labels by predictions, and one class seems to take all: raise its floor of "
        << "trust in the given label, slow its decay or switch its class balance on. ";
  else
    out << "Lower training.learning_rate (now " << place.learning_rate
        << "), add training.warmup_epochs=1, or use sampler: pk when the loss learns from pairs. ";
  out << "training.collapse_distance=0 switches this check off.";
  throw Error(ErrorCode::kNumeric, out.str());
}

}  // namespace winnow
