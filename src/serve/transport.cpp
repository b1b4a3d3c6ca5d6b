#include "src/serve/transport.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace winnow {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {
    fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  }

  ssize_t read(char* to, size_t bytes, Deadline until) override {
    for (;;) {
      const ssize_t got = ::recv(socket_, to, bytes, 0);
      if (got >= 0) return got;
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return -1;
      if (!wait_for_socket(socket_, POLLIN, until)) return kLate;
    }
  }

  bool write(const char* from, size_t bytes, Deadline until) override {
    while (bytes > 0) {
      const ssize_t sent = ::send(socket_, from, bytes, MSG_NOSIGNAL);
      if (sent > 0) {
        from += sent;
        bytes -= static_cast<size_t>(sent);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (!wait_for_socket(socket_, POLLOUT, until)) return false;
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  void finish() override {}

 private:
  int socket_;
};

}  // namespace

bool wait_for_socket(int socket, short events, Transport::Deadline until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready > 0) return true;  // errors and hang-ups too: the next call says which
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::unique_ptr<Transport> plain_transport(int socket) { return std::make_unique<PlainTransport>(socket); }

}  // namespace winnow
