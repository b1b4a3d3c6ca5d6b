#pragma once

namespace winnow {

/// Installs SIGINT and SIGTERM handlers that only set a flag; a second signal ends the process at once.
void install_interrupt_handler();
/// True after the first signal; long loops poll it, save and throw Error(kInterrupted).
bool interrupted() noexcept;
/// For tests: sets or clears the flag.
void set_interrupted(bool value) noexcept;

}  // namespace winnow
