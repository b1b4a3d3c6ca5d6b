#include "src/training/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/log.h"

namespace winnow {
namespace {

constexpr const char* kTensorFile = "state.safetensors";
constexpr const char* kJsonFile = "state.json";

fs::path working_name(const fs::path& folder, const std::string& name, const char* suffix) {
  return folder / ("." + name + suffix);
}

void rename_folder(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw Error(ErrorCode::kDevice,
                "[checkpoint] cannot rename " + from.string() + " to " + to.string() + ": " + std::strerror(errno));
}

/// Puts `fresh` in the place of `target`. Where the file system cannot exchange two folders in one step, `target` is
/// missing for a moment, and `old` holds the older state that read_checkpoint() then falls back to.
void swap_in(const fs::path& fresh, const fs::path& target, const fs::path& old) {
  fs::remove_all(old);
  if (!fs::exists(target)) return rename_folder(fresh, target);
  if (renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(fresh);
    return;
  }
  rename_folder(target, old);
  rename_folder(fresh, target);
  fs::remove_all(old);
}

Checkpoint read_checked(const fs::path& folder) {
  Checkpoint out;
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(read_file(folder / kJsonFile));
    out.json = document.at("state").dump();
    const auto expected = document.at("tensors_sha256").get<std::string>();
    if (sha256_file(folder / kTensorFile) != expected)
      throw Error(ErrorCode::kData, "[checkpoint] " + (folder / kTensorFile).string() +
                                        " does not match its digest in " + kJsonFile +
                                        ": the file was damaged after it was written");
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kData, "[checkpoint] " + (folder / kJsonFile).string() + ": " + error.what());
  }
  out.tensors = read_safetensors(folder / kTensorFile);
  return out;
}

}  // namespace

void write_checkpoint(const fs::path& folder, const std::string& name, const Checkpoint& checkpoint) {
  const fs::path fresh = working_name(folder, name, ".tmp");
  fs::remove_all(fresh);
  make_folder(fresh);
  try {
    nlohmann::json document;
    document["tensors_sha256"] = write_safetensors(fresh / kTensorFile, checkpoint.tensors);
    document["state"] = nlohmann::json::parse(checkpoint.json);
    write_file_atomically(fresh / kJsonFile, document.dump(1) + "\n");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
  sync_folder(fresh);
  swap_in(fresh, folder / name, working_name(folder, name, ".old"));
  sync_folder(folder);
}

std::optional<Checkpoint> read_checkpoint(const fs::path& folder, const std::string& name) {
  const fs::path current = folder / name, old = working_name(folder, name, ".old");
  if (fs::exists(current / kJsonFile)) return read_checked(current);
  if (!fs::exists(old / kJsonFile)) return std::nullopt;
  log_warning("[checkpoint] {} is missing; using the older {}", current.string(), old.string());
  return read_checked(old);
}

}  // namespace winnow
