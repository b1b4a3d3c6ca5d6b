#pragma once

#include <cstdlib>
#include <filesystem>

namespace winnow::test {

/// The folder with the real test data (WINNOW_SHARED, else ../shared beside the checkout); empty when absent.
inline std::filesystem::path shared_folder() {
  const char* named = std::getenv("WINNOW_SHARED");
  const std::filesystem::path folder = named ? named : std::filesystem::path(WINNOW_SOURCE_DIR) / ".." / "shared";
  return std::filesystem::exists(folder / "datasets") ? std::filesystem::canonical(folder) : std::filesystem::path();
}

}  // namespace winnow::test

/// Skips with a clear line where the real data are not on this machine.
#define WINNOW_NEEDS_SHARED() \
  if (winnow::test::shared_folder().empty()) GTEST_SKIP() << "needs ../shared/datasets (real test data), absent here"
