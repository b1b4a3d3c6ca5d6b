#include "src/training/trainer.h"

#include <ATen/Context.h>

#include "src/core/error.h"
#include "src/tensor/device.h"
#include "src/training/training_run.h"

namespace winnow {
namespace {

/// Where Torch has a choice, the kernel that gives the same bits each time.
void choose_deterministic_kernels() {
  auto& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
  // Filling fresh memory only helps to find reads of uninitialised values, and costs a pass over each.
  context.setDeterministicFillUninitializedMemory(false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
}

}  // namespace

TrainResult train(const TrainRequest& request) {
  choose_deterministic_kernels();
  seed_torch(static_cast<uint64_t>(request.config->training.seed));
  TrainingRun run(request);
  try {
    TrainResult result = run.run();
    run.end("ok", 0, "");
    return result;
  } catch (const Error& error) {
    run.end(error_name(error.code()), exit_code(error.code()), error.what());
    throw;
  } catch (const std::exception& error) {
    run.end("internal", exit_code(ErrorCode::kInternal), error.what());
    throw;
  }
}

}  // namespace winnow
