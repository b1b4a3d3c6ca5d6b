#pragma once

#include <functional>
#include <string>

#include "src/core/files.h"
#include "src/serve/http.h"

namespace winnow {

struct ServeOptions {
  fs::path index, model;            ///< model: empty = the one recorded in the index
  fs::path compare, compare_model;  ///< a second index for side-by-side results; empty = none
  std::string host = "127.0.0.1";
  int port = 8080;  ///< 0 = any free one
  HttpLimits limits;
  int64_t max_pixels = 40'000'000;  ///< of a picture that is sent
  int queue = 64, batch = 16;       ///< pictures in hand before 503; pictures a network run
  double patience_ms = 2;           ///< longest wait of a batch for more pictures
  std::string token;                ///< empty = read-only
  fs::path feedback;                ///< decisions CSV; empty = no feedback
  TlsFiles tls;
  std::string log = "-";  ///< request log, a JSON line each: "-" = stderr, "" = none, else a file
};

/// Serves an index until `stop` says so (asked several times a second), then finishes what is in hand.
/// With a token the index folder's writer lock is held, and a write is on the disk before its answer; without one the
/// index is opened for reading and follows what other processes write.
/// @param on_ready  receives "http://HOST:PORT" once requests are answered
/// @throws Error as LiveIndex::open, PictureEncoder and HttpServer
void serve(const ServeOptions& options, const std::function<void(const std::string&)>& on_ready,
           const std::function<bool()>& stop);

/// The token from a file's first line. @throws Error(kNotFound | kConfig) when it is shorter than 16 characters
std::string read_token(const fs::path& file);

/// One line of the request log.
std::string log_line(const HttpRecord& record);

}  // namespace winnow
