#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "src/training/optimizer.h"
#include "src/training/schedule.h"

namespace winnow {
namespace {

/// torch.optim on w_i = cos(i) with gradients sin(step + i), and two of torch's schedulers.
constexpr const char* kScript = R"(
import json, math, torch
def walk(make):
    w = torch.tensor([math.cos(i) for i in range(5)], requires_grad=True)
    o = make([w])
    for s in range(6):
        w.grad = torch.tensor([math.sin(s + i) for i in range(5)])
        o.step()
    return w.tolist()
def rates(make, steps):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    s, out = make(o), []
    for _ in range(steps):
        out.append(o.param_groups[0]['lr']); o.step(); s.step()
    return out
L = torch.optim.lr_scheduler
print(json.dumps({
 'adamw': walk(lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1)),
 'adam': walk(lambda p: torch.optim.Adam(p, lr=0.05, weight_decay=0.1)),
 'sgd': walk(lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1, momentum=0.9)),
 'nesterov': walk(lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1, momentum=0.9, nesterov=True)),
 'cosine': rates(lambda o: L.CosineAnnealingLR(o, T_max=30, eta_min=0.02), 30),
 'one_cycle': rates(lambda o: L.OneCycleLR(o, max_lr=0.2, total_steps=30, cycle_momentum=False), 30)}))
)";

nlohmann::json ask_python() {
  if (!std::filesystem::exists(WINNOW_PYTHON)) return {};
  const std::string command = std::string(WINNOW_PYTHON) + " -c \"" + kScript + "\" 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer;
  for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
  return pclose(pipe) == 0 ? nlohmann::json::parse(text) : nlohmann::json();
}

std::vector<double> walk(const std::string& rule) {
  TrainingOptions o;
  o.optimizer = rule == "nesterov" ? "sgd" : rule;
  o.nesterov = rule == "nesterov";
  o.weight_decay = 0.1;
  std::vector<double> start;
  for (int i = 0; i < 5; ++i) start.push_back(std::cos(i));
  at::Tensor w = at::tensor(start, at::kFloat).requires_grad_(true);
  Optimizer optimizer(o, {{{{"w", w}}, 1.0}});
  for (int s = 0; s < 6; ++s) {
    std::vector<double> gradient;
    for (int i = 0; i < 5; ++i) gradient.push_back(std::sin(s + i));
    w.mutable_grad() = at::tensor(gradient, at::kFloat);
    optimizer.step(0.05);
  }
  std::vector<double> out;
  for (int i = 0; i < 5; ++i) out.push_back(w[i].item<double>());
  return out;
}

TEST(PythonPeer, OptimizersAndSchedulesEqualTorch) {
  const auto peer = ask_python();
  if (peer.is_null()) GTEST_SKIP() << "needs Python with torch at " << WINNOW_PYTHON;
  for (const char* rule : {"adamw", "adam", "sgd", "nesterov"}) {
    const auto ours = walk(rule);
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], peer.at(rule).at(i).get<double>(), 1e-6) << rule << i;
  }
  TrainingOptions o;
  o.learning_rate = 0.2;
  o.epochs = 3;
  o.final_factor = 0.1;
  const Schedule cosine(o, 10);
  o.schedule = "one_cycle";
  o.final_factor = 0;
  const Schedule one_cycle(o, 10);
  for (int s = 0; s < 30; ++s) {
    EXPECT_NEAR(cosine.rate(s), peer.at("cosine").at(s).get<double>(), 1e-9) << s;
    EXPECT_NEAR(one_cycle.rate(s), peer.at("one_cycle").at(s).get<double>(), 1e-9) << s;
  }
}

}  // namespace
}  // namespace winnow
