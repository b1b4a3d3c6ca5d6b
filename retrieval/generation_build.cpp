#include "retrieval/generation_build.h"

#include <algorithm>
#include <chrono>

#include "retrieval/exact_scan.h"
#include "retrieval/recall.h"
#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr int64_t kRecallSample = 100;
constexpr size_t kMaxHistory = 100;

[[noreturn]] void stopped() {
  throw Error(ErrorCode::kInterrupted, "[index build] stopped; the index folder is unchanged");
}

void require_space(const fs::path& folder, const IndexPlan& plan, int64_t rows, int64_t dim) {
  const uint64_t needed = static_cast<uint64_t>(rows * (dim * 4 + 8)) + plan.bytes;
  const uint64_t free = free_disk_bytes(folder);
  if (free >= needed) return;
  throw Error(ErrorCode::kDevice, "[" + folder.string() + "] about " + format_bytes(needed) +
                                      " of free disk are required for the index, there are " + format_bytes(free));
}

WrittenFile finished(AtomicFile& file) {
  WrittenFile written;
  written.sha256 = file.commit();
  written.bytes = file.bytes();
  return written;
}

WrittenFile write_unit_vectors(const fs::path& file, const GenerationContent& content) {
  constexpr size_t kBlock = 4096;
  const auto dim = static_cast<size_t>(content.dim);
  AtomicFile out(file);
  out.write(npy_header(static_cast<int64_t>(content.vectors.size()), content.dim));
  std::vector<float> unit(dim);
  for (size_t row = 0; row < content.vectors.size(); ++row) {
    if (row % kBlock == 0 && interrupted()) stopped();
    if (content.unit) {
      out.write(content.vectors[row], dim * sizeof(float));
      continue;
    }
    unit_vector(content, row, unit.data());
    out.write(unit.data(), dim * sizeof(float));
  }
  return finished(out);
}

WrittenFile write_ids(const fs::path& file, const GenerationContent& content) {
  std::string header = npy_header(static_cast<int64_t>(content.items.size()), 1);
  header.replace(header.find("<f4"), 3, "<i8");
  std::vector<int64_t> ids;
  ids.reserve(content.items.size());
  for (const auto* item : content.items) ids.push_back(item->id);
  AtomicFile out(file);
  out.write(header);
  out.write(ids.data(), ids.size() * sizeof(int64_t));
  return finished(out);
}

/// Trains, fills and writes the FAISS index over vectors.npy of the new generation.
WrittenFile write_searchable(FaissIndex index, const fs::path& generation, const std::string& factory,
                             const IndexBuildOptions& options, const BuildStep& step) {
  const NpyFile vectors(generation / kVectorsNpy);
  const float* rows = vectors.float32().data();
  const int64_t n = vectors.shape()[0];
  step("train");
  train_faiss_index(index, factory, rows, n, options.seed);
  step("add");
  // Several threads insert into an HNSW graph in whatever order they come.
  const bool one_thread = options.repeatable && index.hnsw;
  add_to_faiss_index(index, factory, rows, n, one_thread ? 1 : 0);
  step("write");
  return write_faiss_index(index, generation / kVectorsFaiss);
}

void describe(IndexInfo& info, const GenerationContent& content, const IndexPlan& plan, int64_t probe) {
  info.count = static_cast<int64_t>(content.items.size());
  info.dim = content.dim;
  info.probe = probe;
  info.factory = plan.factory;
  info.type = plan.type;
  info.reason = plan.reason;
  info.faiss_version = faiss_version();
  info.winnow_version = WINNOW_VERSION;
  info.created = utc_now();
}

void remember(IndexInfo& info, const std::string& what) {
  info.history.push_back({info.generation, info.created, what, info.factory, info.count, info.recall_at_10});
  if (info.history.size() > kMaxHistory) info.history.erase(info.history.begin());
}

}  // namespace

void unit_vector(const GenerationContent& content, size_t row, float* out) {
  if (normalise(content.vectors[row], out, content.dim)) return;
  throw Error(ErrorCode::kData, "[" + content.source + "] item " + std::to_string(content.items[row]->id) + " (" +
                                    content.items[row]->path +
                                    "): a finite vector other than zero is required for a cosine");
}

LoadedGeneration write_generation(const GenerationWriter& writer, const GenerationContent& content,
                                  const IndexPlan& plan, const IndexBuildOptions& options, IndexInfo info,
                                  const std::string& what, const BuildStep& on_step) {
  const auto started = std::chrono::steady_clock::now();
  const auto step = [&](const std::string& name) {
    if (interrupted()) stopped();
    if (on_step) on_step(name);
  };
  const auto rows = static_cast<int64_t>(content.items.size());
  FaissIndex index = make_faiss_index(plan.factory, content.dim, rows, options.seed);
  require_space(writer.path(), plan, rows, content.dim);
  const fs::path& folder = writer.path();
  Manifest manifest;
  manifest.info = std::move(info);
  manifest.info.generation = writer.number();
  describe(manifest.info, content, plan, options.probe > 0 ? options.probe : plan.probe);
  manifest.files[kVectorsNpy] = write_unit_vectors(folder / kVectorsNpy, content);
  manifest.files[kIdsNpy] = write_ids(folder / kIdsNpy, content);
  write_item_table(folder / kItemsSqlite, content.items, content.columns);
  manifest.files[kItemsSqlite] = measure_file(folder / kItemsSqlite);
  manifest.files[kVectorsFaiss] = write_searchable(std::move(index), folder, plan.factory, options, step);
  step("verify");
  manifest.info.index_bytes = manifest.files[kVectorsFaiss].bytes;
  write_manifest(folder, manifest);
  LoadedGeneration loaded = load_generation(folder);
  manifest.info.recall_at_10 = recall_at_10(loaded, kRecallSample, options.seed).recall;
  manifest.info.build_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  remember(manifest.info, what);
  write_manifest(folder, manifest);
  loaded.manifest = manifest;
  return loaded;
}

}  // namespace winnow
