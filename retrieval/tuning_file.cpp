#include "retrieval/tuning_file.h"

#include <algorithm>

#include "retrieval/generation_build.h"
#include "retrieval/sealed_json.h"
#include "src/core/error.h"
#include "src/core/log.h"

namespace winnow {
namespace {

constexpr const char* kFormat = "winnow-tuning";
// The best parameters of lists and graphs change slowly with size.
constexpr int64_t kGrowth = 2;

fs::path tuning_file(const fs::path& folder) { return folder / "tuning.json"; }

nlohmann::json point_json(const TunePoint& p) {
  return {{"type", p.type},
          {"factory", p.factory},
          {"probe", p.probe},
          {"recall_at_10", p.recall_at_10},
          {"micros", p.micros},
          {"bytes", p.bytes},
          {"build_seconds", p.build_seconds},
          {"fits", p.fits},
          {"reaches", p.reaches},
          {"pareto", p.pareto},
          {"chosen", p.chosen}};
}

TunePoint read_point(const nlohmann::json& j, const fs::path& file) {
  TunePoint p;
  p.type = json_field<std::string>(j, "type", file);
  p.factory = json_field<std::string>(j, "factory", file);
  p.probe = json_field<int64_t>(j, "probe", file);
  p.recall_at_10 = json_field<double>(j, "recall_at_10", file);
  p.micros = json_field<double>(j, "micros", file);
  p.bytes = json_field<uint64_t>(j, "bytes", file);
  p.build_seconds = json_field<double>(j, "build_seconds", file);
  p.fits = json_field<bool>(j, "fits", file);
  p.reaches = json_field<bool>(j, "reaches", file);
  p.pareto = json_field<bool>(j, "pareto", file);
  p.chosen = json_field<bool>(j, "chosen", file);
  return p;
}

}  // namespace

const TunePoint& Tuning::chosen() const {
  const auto at = std::find_if(points.begin(), points.end(), [](const TunePoint& p) { return p.chosen; });
  if (at == points.end()) throw Error(ErrorCode::kData, "[tuning] one chosen point is required, there is none");
  return *at;
}

void write_tuning(const fs::path& folder, const Tuning& tuning) {
  auto points = nlohmann::json::array();
  for (const auto& p : tuning.points) points.push_back(point_json(p));
  make_folder(folder);
  write_sealed_json(tuning_file(folder),
                    {{"points", points},
                     {"target_recall", tuning.target_recall},
                     {"memory", tuning.memory},
                     {"rows", tuning.rows},
                     {"measured_rows", tuning.measured_rows},
                     {"dim", tuning.dim},
                     {"queries", tuning.queries},
                     {"model_digest", tuning.model_digest},
                     {"faiss_version", tuning.faiss_version},
                     {"created", tuning.created},
                     {"reason", tuning.reason}},
                    kFormat);
}

std::optional<Tuning> read_tuning(const fs::path& folder) {
  const fs::path file = tuning_file(folder);
  if (!fs::exists(file)) return {};
  const auto j = read_sealed_json(file, kFormat);
  Tuning t;
  for (const auto& p : json_field<nlohmann::json>(j, "points", file)) t.points.push_back(read_point(p, file));
  t.target_recall = json_field<double>(j, "target_recall", file);
  t.memory = json_field<uint64_t>(j, "memory", file);
  t.rows = json_field<int64_t>(j, "rows", file);
  t.measured_rows = json_field<int64_t>(j, "measured_rows", file);
  t.dim = json_field<int64_t>(j, "dim", file);
  t.queries = json_field<int64_t>(j, "queries", file);
  t.model_digest = json_field<std::string>(j, "model_digest", file);
  t.faiss_version = json_field<std::string>(j, "faiss_version", file);
  t.created = json_field<std::string>(j, "created", file);
  t.reason = json_field<std::string>(j, "reason", file);
  t.chosen();
  return t;
}

IndexPlan plan_for(const fs::path& folder, const IndexBuildOptions& options, int64_t count, int64_t dim) {
  if (options.type != "auto") return plan_index(options.type, count, dim, options.memory);
  const auto tuning = read_tuning(folder);
  if (!tuning) return plan_index("auto", count, dim, options.memory);
  const auto& best = tuning->chosen();
  const bool suits = tuning->dim == dim && count <= kGrowth * tuning->rows && kGrowth * count >= tuning->rows &&
                     (options.memory == 0 || best.bytes <= options.memory);
  if (!suits) {
    log_warning(
        "{}: the tuning was made for {} vectors of {} numbers and {} bytes; the type is chosen by size instead "
        "(`winnow index tune` measures anew)",
        tuning_file(folder).string(), grouped(tuning->rows), tuning->dim, best.bytes);
    return plan_index("auto", count, dim, options.memory);
  }
  return {best.factory, "tuned: " + tuning->reason, best.probe, best.bytes, best.type};
}

}  // namespace winnow
