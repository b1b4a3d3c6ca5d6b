#include "src/core/error.h"
#include "src/core/log.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

AblationOptions::Variant variant_of(const std::string& text) {
  const size_t name = text.find('='), comma = text.find(',', name + 1);
  if (name == 0 || name == std::string::npos)
    throw Error(ErrorCode::kUsage, "--variant NAME=QUERIES[,GALLERY] is required, got '" + text + "'");
  const std::string queries = text.substr(name + 1, comma == std::string::npos ? comma : comma - name - 1);
  return {text.substr(0, name), queries, comma == std::string::npos ? queries : text.substr(comma + 1)};
}

}  // namespace

void add_ablation_options(CLI::App& verb, AblationArgs& args) {
  verb.add_flag("--ablate", args.wanted, "what flip, whitening, expansion and re-ranking gain here, and cost");
  verb.add_option("--variant", args.variants,
                  "with --ablate: NAME=QUERIES[,GALLERY] embedded another way (repeatable)");
  verb.add_option("--whitening-from", args.whitening_from,
                  "with --ablate: embeddings to learn whitening on (default: the gallery)");
}

int run_ablation(const std::string& queries, const std::string& gallery, AblationArgs& args, const Session& session) {
  for (const auto& text : args.variants) args.options.variants.push_back(variant_of(text));
  args.options.whitening_from = args.whitening_from;
  const auto steps =
      ablate(queries, gallery, args.options, [](const std::string& step) { log_info("ablate: {}", step); });
  print(session.json ? ablation_json(steps) + "\n" : ablation_text(steps));
  return 0;
}

}  // namespace winnow::cli
