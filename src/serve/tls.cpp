#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>

#include "src/core/files.h"
#include "src/serve/transport.h"

namespace winnow {
namespace {

std::string openssl_reason() {
  const unsigned long error = ERR_get_error();
  const char* reason = ERR_reason_error_string(error);
  return reason ? reason : "no reason given";
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(SSL* ssl, int socket) : ssl_(ssl), socket_(socket) {}
  ~TlsTransport() override { SSL_free(ssl_); }
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  bool handshake(Deadline until) {
    for (;;) {
      const int done = SSL_accept(ssl_);
      if (done == 1) return true;
      if (!wait(done, until)) return false;
    }
  }

  ssize_t read(char* to, size_t bytes, Deadline until) override {
    for (;;) {
      const int got = SSL_read(ssl_, to, static_cast<int>(std::min<size_t>(bytes, 1 << 16)));
      if (got > 0) return got;
      const int why = SSL_get_error(ssl_, got);
      if (why == SSL_ERROR_ZERO_RETURN) return 0;
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return -1;
      if (!wait_for_socket(socket_, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) return kLate;
    }
  }

  bool write(const char* from, size_t bytes, Deadline until) override {
    while (bytes > 0) {
      const int sent = SSL_write(ssl_, from, static_cast<int>(std::min<size_t>(bytes, 1 << 16)));
      if (sent > 0) {
        from += sent;
        bytes -= static_cast<size_t>(sent);
      } else if (!wait(sent, until)) {
        return false;
      }
    }
    return true;
  }

  void finish() override { SSL_shutdown(ssl_); }

 private:
  bool wait(int result, Deadline until) {
    const int why = SSL_get_error(ssl_, result);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
      ERR_clear_error();
      return false;
    }
    return wait_for_socket(socket_, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until);
  }

  SSL* ssl_;
  int socket_;
};

}  // namespace

struct TlsContext::State {
  SSL_CTX* context = nullptr;
  ~State() { SSL_CTX_free(context); }
};

TlsContext::TlsContext(const TlsFiles& files) : state_(std::make_unique<State>()) {
  for (const auto& file : {files.certificate, files.key})
    if (!fs::exists(file)) throw Error(ErrorCode::kNotFound, "[tls] no such file: " + file);
  state_->context = SSL_CTX_new(TLS_server_method());
  if (!state_->context) throw Error(ErrorCode::kDevice, "[tls] OpenSSL gives no context: " + openssl_reason());
  SSL_CTX_set_min_proto_version(state_->context, TLS1_2_VERSION);
  SSL_CTX_set_options(state_->context,
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(state_->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(state_->context, files.certificate.c_str()) != 1)
    throw Error(ErrorCode::kConfig,
                "[tls] a PEM certificate is required, " + files.certificate + ": " + openssl_reason());
  if (SSL_CTX_use_PrivateKey_file(state_->context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw Error(ErrorCode::kConfig, "[tls] a PEM private key is required, " + files.key + ": " + openssl_reason());
  if (SSL_CTX_check_private_key(state_->context) != 1)
    throw Error(ErrorCode::kConfig, "[tls] " + files.key + " is not the key of " + files.certificate);
}

TlsContext::~TlsContext() = default;

std::unique_ptr<Transport> TlsContext::accept(int socket, Transport::Deadline until) const {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  SSL* ssl = SSL_new(state_->context);
  if (!ssl) return nullptr;
  auto transport = std::make_unique<TlsTransport>(ssl, socket);
  SSL_set_fd(ssl, socket);
  if (!transport->handshake(until)) return nullptr;
  return transport;
}

}  // namespace winnow
