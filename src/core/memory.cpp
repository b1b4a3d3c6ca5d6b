#include "src/core/memory.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "src/core/error.h"
#include "src/core/files.h"
#include "src/core/text.h"

namespace winnow {

uint64_t private_memory_bytes() {
  std::string status;
  try {
    status = read_file("/proc/self/status", 1 << 20);
  } catch (const Error&) {
    return 0;
  }
  for (const auto& line : split(status, '\n')) {
    if (line.rfind("RssAnon:", 0) != 0) continue;
    const std::string_view value = trim(std::string_view(line).substr(8));
    if (const auto kib = parse_int(value.substr(0, value.find(' ')))) return static_cast<uint64_t>(*kib) * 1024;
  }
  return 0;
}

MemoryWatch::MemoryWatch() : start_(private_memory_bytes()), most_(start_) {}

void MemoryWatch::look() {
  constexpr int64_t kPause = 20'000'000;
  const int64_t now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  if (now - looked_ < kPause) return;
  looked_ = now;
  take();
}

uint64_t MemoryWatch::growth() {
  take();
  return most_ - start_;
}

void MemoryWatch::take() { most_ = std::max(most_, private_memory_bytes()); }

}  // namespace winnow
