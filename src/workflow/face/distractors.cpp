#include <unordered_map>

#include "src/core/error.h"
#include "src/evaluation/face/megaface.h"
#include "src/evaluation/face/megaface_files.h"
#include "src/workflow/face/steps.h"

namespace winnow {
namespace {

/// The devkit mirrors the lists' trees below facescrub/ and megaface/; both layouts are accepted.
std::string below(const std::string& folder, const char* part) {
  return fs::is_directory(fs::path(folder) / part) ? (fs::path(folder) / part).string() : folder;
}

/// Feature files of the devkit, PATH_SUFFIX.bin beside the mirrored tree.
FaceSet read_features(const std::vector<std::string>& paths, const std::string& folder, const std::string& suffix,
                      double max_bad) {
  FaceSet set;
  set.names = paths;
  for (const auto& path : paths) {
    const fs::path file = fs::path(folder) / (path + suffix);
    if (!fs::exists(file)) {
      set.failed.push_back(path + ": no feature file " + file.string());
      set.features.plain.insert(set.features.plain.end(), static_cast<size_t>(set.features.dim), 0.f);
    } else {
      const auto feature = read_megaface_feature(file);
      if (set.features.dim == 0) {
        set.features.dim = static_cast<int64_t>(feature.size());
        set.features.plain.assign(static_cast<size_t>(set.features.rows) * feature.size(), 0.f);
      }
      if (static_cast<int64_t>(feature.size()) != set.features.dim)
        throw Error(ErrorCode::kData, "[megaface] " + file.string() + ": " + std::to_string(set.features.dim) +
                                          " numbers are required as in the files before, got " +
                                          std::to_string(feature.size()));
      set.features.plain.insert(set.features.plain.end(), feature.begin(), feature.end());
    }
    ++set.features.rows;
  }
  if (static_cast<double>(set.failed.size()) > max_bad * static_cast<double>(paths.size()) || set.features.dim == 0)
    throw Error(ErrorCode::kData, "[megaface] " + std::to_string(set.failed.size()) + " of " +
                                      std::to_string(paths.size()) +
                                      " feature files are missing, more than --max-bad " +
                                      "allows; the first: " + (set.failed.empty() ? "" : set.failed.front()));
  set.facts.emplace_back("features", folder + ", files *" + suffix);
  return set;
}

FaceSet load(const std::vector<std::string>& paths, const FaceEvalOptions& options, const char* part) {
  FaceSourceOptions source = options.source;
  if (source.embeddings.empty() && source.model.model.empty())
    return read_features(paths, below(source.images, part), options.feature_suffix, source.max_bad);
  source.images = below(source.images, part);
  return faces_of_names(paths, source);
}

void add_protocol(FaceRun& run, const MegaFaceInput& input, const FaceEvalOptions& options, const std::string& suffix) {
  MegaFaceResult result = score_megaface(input, 100);
  for (const int64_t k : {1, 5, 10}) {
    run.metrics["rank@" + std::to_string(k) + suffix] = result.cmc[static_cast<size_t>(k - 1)];
    run.metrics["rank@" + std::to_string(k) + ".optimistic" + suffix] =
        result.cmc_optimistic[static_cast<size_t>(k - 1)];
  }
  run.metrics["trials"] = static_cast<double>(result.trials);
  const std::vector<double> fars = options.fars.empty() ? std::vector<double>{1e-6, 1e-5, 1e-4} : options.fars;
  if (suffix.empty()) {
    run.cmc = result.cmc;
    run.genuine_histogram = result.genuine_histogram;
    run.impostor_histogram = result.impostor_histogram;
    add_verification(run, std::move(result.verification), fars, 0, options.seed);
    return;
  }
  for (const double far : fars)
    if (const auto point = tar_at_far(result.verification, far, FarRule::kStrict))
      run.metrics["tar@far=" + target_text(far) + suffix] = point->tar;
  run.facts.emplace_back("noise lists", std::to_string(result.noisy_probes) + " probes (replaced by their person's " +
                                            "centre) and " + std::to_string(result.noisy_distractors) +
                                            " distractors (far from everything)");
}

}  // namespace

FaceRun run_megaface(const FaceEvalOptions& options) {
  if (options.pairs.empty() || options.distractors.empty())
    throw Error(ErrorCode::kUsage, "[megaface] --pairs PROBES.json and --distractors LIST.json are required");
  const MegaFaceList probes = read_megaface_list(options.pairs), others = read_megaface_list(options.distractors);
  std::vector<int64_t> person;
  std::unordered_map<std::string, int64_t> number;
  for (size_t i = 0; i < probes.paths.size(); ++i) {
    const std::string who = probes.ids.empty() ? fs::path(probes.paths[i]).parent_path().string() : probes.ids[i];
    person.push_back(number.emplace(who, static_cast<int64_t>(number.size())).first->second);
  }
  FaceRun run;
  FaceSet distractors = load(others.paths, options, "megaface");
  run.notes = distractors.notes;
  if (!distractors.failed.empty())
    run.notes.push_back(
        std::to_string(distractors.failed.size()) +
        " distractors gave no vector, which flatters the score; the first: " + distractors.failed.front());
  adopt_set(run, load(probes.paths, options, "facescrub"));
  const auto a = unit_rows(run.set.features), b = unit_rows(distractors.features);
  MegaFaceInput input{{a, run.set.features.rows, run.set.features.dim},
                      {b, distractors.features.rows, distractors.features.dim},
                      person,
                      {},
                      {}};
  add_protocol(run, input, options, "");
  if (!options.probe_noise.empty() || !options.distractor_noise.empty()) {
    const auto noisy = [](const std::vector<std::string>& paths, const std::string& list) {
      return list.empty() ? std::vector<char>(paths.size(), 0) : marked(paths, read_noise_list(list));
    };
    const auto noisy_probe = noisy(probes.paths, options.probe_noise),
               noisy_other = noisy(others.paths, options.distractor_noise);
    input.noisy_probe = noisy_probe;
    input.noisy_distractor = noisy_other;
    add_protocol(run, input, options, ".R");
  } else {
    run.notes.push_back(
        "raw figures only: figures called \"R\" need --probe-noise and --distractor-noise (they differ by 15 to 20 "
        "points)");
  }
  run.queries = run.set.features.rows;
  run.gallery = distractors.features.rows;
  return run;
}

}  // namespace winnow
