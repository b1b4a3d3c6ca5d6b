#include "src/serve/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace winnow {
namespace {

std::chrono::nanoseconds seconds(double value) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(value));
}

}  // namespace

Connection::Connection(int socket, std::unique_ptr<Transport> transport, const HttpLimits& limits)
    : socket_(socket), transport_(std::move(transport)), limits_(limits), buffer_(16 << 10) {}

ssize_t Connection::fill(Clock::time_point until) {
  const ssize_t got = transport_->read(buffer_.data(), buffer_.size(), until);
  at_ = 0;
  end_ = got > 0 ? static_cast<size_t>(got) : 0;
  return got;
}

bool Connection::wait_for_request(const std::function<bool()>& stop) {
  const auto until = Clock::now() + seconds(limits_.keep_alive_seconds);
  while (at_ == end_) {
    if (stop()) return false;
    const auto slice = std::min(until, Clock::now() + std::chrono::milliseconds(100));
    const ssize_t got = fill(slice);
    if (got == 0 || got == -1 || (got == Transport::kLate && Clock::now() >= until)) return false;
  }
  return true;
}

void Connection::begin_request() {
  received_ = sent_ = 0;
  budget_ = limits_.header_bytes;
  in_body_ = false;
  fault_ = Fault::kNone;
  started_ = Clock::now();
  deadline_ = started_ + seconds(limits_.request_seconds);
}

void Connection::begin_body() {
  in_body_ = true;
  // Boundaries and part headers of multipart bodies come on top of the pictures.
  budget_ = received_ + limits_.body_bytes + (uint64_t{64} << 10);
}

ssize_t Connection::read(char* to, size_t bytes) {
  if (fault_ != Fault::kNone) return -1;
  if (received_ >= budget_) {
    fault_ = in_body_ ? Fault::kBodyTooLarge : Fault::kHeadersTooLarge;
    return -1;
  }
  // A client that sends a byte now and then must not hold the connection: the deadline is of the whole request.
  if (Clock::now() >= deadline_) {
    fault_ = Fault::kLate;
    return -1;
  }
  if (at_ == end_) {
    const ssize_t got = fill(deadline_);
    if (got == Transport::kLate) fault_ = Fault::kLate;
    if (got <= 0) return got == 0 ? 0 : -1;
  }
  const size_t take = std::min({bytes, end_ - at_, static_cast<size_t>(budget_ - received_)});
  std::memcpy(to, buffer_.data() + at_, take);
  at_ += take;
  received_ += take;
  return static_cast<ssize_t>(take);
}

bool Connection::write(const char* from, size_t bytes) {
  if (!transport_->write(from, bytes, Clock::now() + seconds(limits_.write_seconds))) return false;
  sent_ += bytes;
  return true;
}

void Connection::finish() {
  transport_->finish();
  ::shutdown(socket_, SHUT_WR);
  const auto until = Clock::now() + std::chrono::milliseconds(500);
  uint64_t thrown_away = 0;
  while (thrown_away < (uint64_t{4} << 20)) {
    const ssize_t got = fill(until);
    if (got <= 0) break;
    thrown_away += static_cast<uint64_t>(got);
  }
}

}  // namespace winnow
