#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>

#include "src/serve/http.h"

namespace winnow {

/// Bytes in and out of one accepted socket, plain or TLS, each call bounded by a point in time. One thread at a time.
class Transport {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  virtual ~Transport() = default;
  /// @return bytes read (at least 1), 0 at the end of the stream, -1 for an error, kLate when nothing came in time
  virtual ssize_t read(char* to, size_t bytes, Deadline until) = 0;
  /// Writes everything. @return false for an error or when the client does not take it in time
  virtual bool write(const char* from, size_t bytes, Deadline until) = 0;
  /// Says goodbye (TLS close_notify); the socket is closed by its owner.
  virtual void finish() = 0;
  static constexpr ssize_t kLate = -2;
};

/// Certificate and key, loaded once; shared by all connections. Thread-safe.
class TlsContext {
 public:
  /// @throws Error(kNotFound | kConfig) naming the file and OpenSSL's reason
  explicit TlsContext(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  /// The handshake of an accepted socket; null when it fails or takes longer than allowed.
  std::unique_ptr<Transport> accept(int socket, Transport::Deadline until) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The socket is switched to non-blocking.
std::unique_ptr<Transport> plain_transport(int socket);

/// Waits for a socket. @param events  of poll(). @return false when nothing happened in time
bool wait_for_socket(int socket, short events, Transport::Deadline until);

}  // namespace winnow
