#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace winnow::test {

namespace fs = std::filesystem;

/// The token the servers of these tests are started with.
inline constexpr const char* kToken = "token-of-the-tests";

/// Pictures of six classes, a small untrained network, and an index of its vectors, made once a process by the program
/// itself.
const fs::path& shop_folder();
/// A copy of the index that a test may write to.
fs::path copy_of_index(const fs::path& to);

/// `winnow serve` as a process of its own on a free port.
class ServeProcess {
 public:
  /// @param writable  whether it gets the token
  ServeProcess(const fs::path& index, const std::vector<std::string>& more = {}, bool writable = false);
  ~ServeProcess();
  ServeProcess(const ServeProcess&) = delete;
  ServeProcess& operator=(const ServeProcess&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void signal(int number) const;
  /// Waits for its end. @return exit code, or 128 + signal
  int wait();
  /// What it wrote to stderr so far: the request log.
  std::string log() const;

 private:
  fs::path log_;
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace winnow::test
