#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/serve/transport.h"

namespace winnow {

/// One connection as a sequence of requests, with the limits that a parser above does not know: time for the whole
/// request, bytes of headers and body. A read that breaks a limit fails, and fault() says which. One thread.
class Connection {
 public:
  enum class Fault { kNone, kLate, kHeadersTooLarge, kBodyTooLarge };
  using Clock = std::chrono::steady_clock;

  Connection(int socket, std::unique_ptr<Transport> transport, const HttpLimits& limits);

  /// Waits for the first byte of a request. @param stop  asked several times a second
  /// @return false at the end of the stream, after keep_alive_seconds, or when stop() says so
  bool wait_for_request(const std::function<bool()>& stop);
  /// Starts the clock and the byte counts of a request.
  void begin_request();
  /// The headers are read: what follows counts as body.
  void begin_body();

  ssize_t read(char* to, size_t bytes);
  bool write(const char* from, size_t bytes);
  /// Closes so that the client still gets the answer when bytes of it lie unread: sends the end, reads on for a moment.
  void finish();

  Fault fault() const { return fault_; }
  bool request_begun() const { return received_ > 0; }
  bool answered() const { return sent_ > 0; }
  uint64_t received() const { return received_; }
  uint64_t sent() const { return sent_; }
  int socket() const { return socket_; }
  Clock::time_point started() const { return started_; }
  Clock::time_point deadline() const { return deadline_; }

 private:
  ssize_t fill(Clock::time_point until);

  int socket_;
  std::unique_ptr<Transport> transport_;
  const HttpLimits& limits_;
  std::vector<char> buffer_;
  size_t at_ = 0, end_ = 0;
  uint64_t received_ = 0, sent_ = 0, budget_ = 0;
  bool in_body_ = false;
  Fault fault_ = Fault::kNone;
  Clock::time_point started_, deadline_;
};

}  // namespace winnow
