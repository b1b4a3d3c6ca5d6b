#include "src/core/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace winnow {
namespace {

std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

void on_signal(int signal) {
  if (g_interrupted.exchange(true)) ::_exit(128 + signal);
}

}  // namespace

void install_interrupt_handler() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // Libraries that do not expect EINTR go on reading; our loops poll the flag.
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept { return g_interrupted.load(std::memory_order_relaxed); }

void set_interrupted(bool value) noexcept { g_interrupted = value; }

}  // namespace winnow
