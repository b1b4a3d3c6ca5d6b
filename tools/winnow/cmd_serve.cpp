#include <cstdlib>
#include <memory>

#include "retrieval/index.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/log.h"
#include "src/core/text.h"
#include "src/serve/serve.h"
#include "src/tensor/device.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  ServeOptions serve;
  std::string token_file, max_body = "20M";
};

int run(Args& args, const Session& session) {
  // Never on the command line, where every user of the machine could read it.
  const char* token = std::getenv("WINNOW_TOKEN");
  if (!args.token_file.empty())
    args.serve.token = read_token(args.token_file);
  else if (token && *token)
    args.serve.token = token;
  if (!args.serve.token.empty() && args.serve.token.size() < 16)
    throw Error(ErrorCode::kUsage, "WINNOW_TOKEN is required to have at least 16 characters");
  if (!args.serve.feedback.empty() && args.serve.token.empty())
    throw Error(ErrorCode::kUsage,
                "--feedback takes what people write, which needs a token (WINNOW_TOKEN or --token-file)");
  args.serve.limits.body_bytes = parse_bytes(args.max_body);
  init_search_threads();
  init_torch_threads();
  install_interrupt_handler();
  serve(
      args.serve,
      [&](const std::string& url) {
        if (session.json)
          print_json({{"url", url}, {"writes", !args.serve.token.empty()}});
        else
          print("serving " + url + (args.serve.token.empty() ? " (read-only)" : "") + "\n");
        std::fflush(stdout);
      },
      interrupted);
  log_info("serve: stopped; every accepted write is on the disk");
  return 0;
}

}  // namespace

void add_serve(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb =
      add_verb(app, session, "serve", "HTTP API and search page for an index",
               "  winnow serve shop.idx --port 8080\n  WINNOW_TOKEN=... winnow serve shop.idx --feedback "
               "decisions.csv\n  winnow serve new.idx --compare old.idx --tls-cert site.pem --tls-key site.key",
               [args, &session] { return run(*args, session); });
  ServeOptions& s = args->serve;
  verb->add_option("index", s.index, "index folder")->required();
  verb->add_option("--model", s.model, "model folder (default: the one the index was made with)");
  verb->add_option("--host", s.host, "address to listen on; 0.0.0.0 = every network of this machine");
  verb->add_option("--port", s.port, "port; 0 = any free one")->check(CLI::Range(0, 65535));
  verb->add_option("--compare", s.compare, "a second index for side-by-side results");
  verb->add_option("--compare-model", s.compare_model, "model folder of the second index");
  verb->add_option("--token-file", args->token_file,
                   "file with the token for writes (or WINNOW_TOKEN); none = read-only");
  verb->add_option("--feedback", s.feedback, "decisions CSV that feedback is written to, for noise apply");
  verb->add_option("--tls-cert", s.tls.certificate, "certificate chain (PEM); with --tls-key the server speaks HTTPS");
  verb->add_option("--tls-key", s.tls.key, "private key (PEM)");
  verb->add_option("--connections", s.limits.connections, "open connections; more get 503")->check(CLI::Range(1, 4096));
  verb->add_option("--queue", s.queue, "pictures in hand; more get 503 with Retry-After")->check(CLI::Range(1, 100000));
  verb->add_option("--batch", s.batch, "pictures in one network run")->check(CLI::Range(1, 1024));
  verb->add_option("--patience", s.patience_ms, "milliseconds a batch waits for more pictures")
      ->check(CLI::Range(0.0, 1000.0));
  verb->add_option("--max-body", args->max_body, "largest request body, e.g. 20M; more gets 413");
  verb->add_option("--max-pixels", s.max_pixels, "largest picture in pixels; more gets 422")
      ->check(CLI::Range(int64_t{1} << 10, int64_t{1} << 30));
  verb->add_option("--timeout", s.limits.request_seconds, "seconds for a request to arrive and to be answered")
      ->check(CLI::Range(0.1, 3600.0));
  verb->add_option("--request-log", s.log, "JSON line a request: - = stderr, '' = none, else a file");
}

}  // namespace winnow::cli
