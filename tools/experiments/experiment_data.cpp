// Data of `make experiments` (losses.md 8.4), vectors stored as pictures for the backbone `mlp`:
//   experiment_data identities OUT          experiment_data cifar OUT --cifar FOLDER
#include <cstdio>
#include <string>
#include <vector>

#include "src/core/error.h"
#include "tools/experiments/vector_pictures.h"

int main(int argc, char** argv) {
  constexpr uint64_t kSeed = 1;
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() == 2 && words[0] == "identities")
      winnow::experiments::make_identities(words[1], kSeed);
    else if (words.size() == 4 && words[0] == "cifar" && words[2] == "--cifar")
      winnow::experiments::make_cifar_patches(words[1], words[3], kSeed);
    else
      throw winnow::Error(winnow::ErrorCode::kUsage,
                          "usage: experiment_data identities OUT | cifar OUT --cifar FOLDER");
  } catch (const winnow::Error& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return winnow::exit_code(e.code());
  }
  return 0;
}
