#include <httplib.h>

#include "src/core/files.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/serve/server_fixture.h"

namespace winnow {
namespace {

/// A self-signed certificate for 127.0.0.1. @return false where there is no openssl program
bool make_certificate(const fs::path& folder) {
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=IP:127.0.0.1 -keyout '" +
      (folder / "key.pem").string() + "' -out '" + (folder / "cert.pem").string() + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

TEST(Tls, SpeaksHttpsAndOnlyThat) {
  const test::TempDir folder;
  if (!make_certificate(folder.path())) GTEST_SKIP() << "needs the openssl program";
  HttpServer::Options options;
  options.tls = {(folder / "cert.pem").string(), (folder / "key.pem").string()};
  options.limits.request_seconds = 2;
  test::RunningServer running(options);
  httplib::SSLClient client("127.0.0.1", running.port);
  client.set_ca_cert_path((folder / "cert.pem").c_str());
  client.enable_server_certificate_verification(true);
  const auto answer = client.Get("/hello");
  ASSERT_TRUE(answer) << httplib::to_string(answer.error());
  EXPECT_EQ(answer->status, 200);
  const std::string large(300'000, 'x');
  const auto echoed = client.Post("/echo", large, "text/plain");
  ASSERT_TRUE(echoed);
  EXPECT_EQ(echoed->body, large);
  EXPECT_NE(running.status("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
}

TEST(Tls, FilesThatCannotBeUsed) {
  const test::TempDir folder;
  if (!make_certificate(folder.path())) GTEST_SKIP() << "needs the openssl program";
  const std::string cert = (folder / "cert.pem").string(), key = (folder / "key.pem").string();
  write_file_atomically(folder / "text.pem", "no certificate\n");
  const auto code_with = [](const TlsFiles& files) {
    HttpServer::Options options;
    options.tls = files;
    try {
      HttpServer server(options, {});
    } catch (const Error& e) {
      return e.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code_with({cert, ""}), ErrorCode::kConfig);
  EXPECT_EQ(code_with({cert, (folder / "gone.pem").string()}), ErrorCode::kNotFound);
  EXPECT_EQ(code_with({(folder / "text.pem").string(), key}), ErrorCode::kConfig);
  EXPECT_EQ(code_with({cert, (folder / "text.pem").string()}), ErrorCode::kConfig);
}

}  // namespace
}  // namespace winnow
