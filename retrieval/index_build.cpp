#include <algorithm>
#include <chrono>
#include <numeric>

#include "retrieval/exact_scan.h"
#include "retrieval/generation.h"
#include "retrieval/item_table.h"
#include "retrieval/sealed_json.h"
#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "src/core/text.h"

namespace winnow {
namespace {

/// Embeddings rows sorted by id. @throws Error(kData) for an id that occurs twice
std::vector<int64_t> rows_by_id(const Embeddings& embeddings) {
  const auto& items = embeddings.items();
  std::vector<int64_t> order(items.size());
  std::iota(order.begin(), order.end(), 0);
  const auto id = [&](int64_t row) { return items[static_cast<size_t>(row)].id; };
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return id(a) < id(b); });
  for (size_t i = 1; i < order.size(); ++i) {
    if (id(order[i]) != id(order[i - 1])) continue;
    throw Error(ErrorCode::kData, "[" + (embeddings.folder() / "items.csv").string() + "] every id once is required, " +
                                      std::to_string(id(order[i])) + " is in rows " + std::to_string(order[i - 1]) +
                                      " and " + std::to_string(order[i]));
  }
  return order;
}

void require_space(const fs::path& folder, const IndexPlan& plan, const Embeddings& embeddings) {
  const uint64_t vectors = static_cast<uint64_t>(embeddings.rows() * (embeddings.dim() * 4 + 8));
  const uint64_t needed = vectors + plan.bytes;
  const uint64_t free = free_disk_bytes(folder);
  if (free >= needed) return;
  throw Error(ErrorCode::kDevice, "[" + folder.string() + "] about " + format_bytes(needed) +
                                      " of free disk are required for the index, there are " + format_bytes(free));
}

[[noreturn]] void refuse_vector(const Embeddings& embeddings, int64_t row) {
  throw Error(ErrorCode::kData, "[" + (embeddings.folder() / "vectors.npy").string() + "] row " + std::to_string(row) +
                                    " (" + embeddings.items()[static_cast<size_t>(row)].path +
                                    "): a finite vector other than zero is required for a cosine");
}

WrittenFile write_unit_vectors(const fs::path& file, const Embeddings& embeddings, const std::vector<int64_t>& order) {
  constexpr int64_t kBlock = 4096;
  const int64_t n = embeddings.rows(), dim = embeddings.dim();
  AtomicFile out(file);
  out.write(npy_header(n, dim));
  std::vector<float> block;
  for (int64_t at = 0; at < n; at += kBlock) {
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "[index build] stopped; the index folder is unchanged");
    const int64_t rows = std::min(kBlock, n - at);
    block.resize(static_cast<size_t>(rows * dim));
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t row = order[static_cast<size_t>(at + i)];
      if (!normalise(embeddings.vector(row).data(), block.data() + i * dim, dim)) refuse_vector(embeddings, row);
    }
    out.write(block.data(), block.size() * sizeof(float));
  }
  WrittenFile written;
  written.sha256 = out.commit();
  written.bytes = out.bytes();
  return written;
}

WrittenFile write_ids(const fs::path& file, const Embeddings& embeddings, const std::vector<int64_t>& order) {
  std::string header = npy_header(static_cast<int64_t>(order.size()), 1);
  header.replace(header.find("<f4"), 3, "<i8");
  std::vector<int64_t> ids;
  ids.reserve(order.size());
  for (const int64_t row : order) ids.push_back(embeddings.items()[static_cast<size_t>(row)].id);
  AtomicFile out(file);
  out.write(header);
  out.write(ids.data(), ids.size() * sizeof(int64_t));
  WrittenFile written;
  written.sha256 = out.commit();
  written.bytes = out.bytes();
  return written;
}

IndexInfo describe(const Embeddings& embeddings, const IndexPlan& plan, int64_t probe, int64_t generation) {
  const auto& from = embeddings.info();
  IndexInfo info;
  info.count = embeddings.rows();
  info.dim = embeddings.dim();
  info.probe = probe;
  info.generation = generation;
  info.factory = plan.factory;
  info.type = plan.type;
  info.reason = plan.reason;
  info.model_digest = from.model_digest;
  info.preprocessing_digest = from.preprocessing_digest;
  info.model_path = from.model_path;
  info.data = from.data;
  info.faiss_version = faiss_version();
  info.winnow_version = WINNOW_VERSION;
  info.created = utc_now();
  return info;
}

/// Trains, fills and writes the FAISS index over vectors.npy of the new generation.
WrittenFile write_searchable(FaissIndex index, const fs::path& generation, const std::string& factory,
                             const IndexBuildOptions& options, const std::function<void(const std::string&)>& step) {
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

void read_back(const fs::path& generation, const Manifest& manifest) {
  const auto index =
      read_faiss_index(generation / kVectorsFaiss, manifest.files.at(kVectorsFaiss), manifest.info.faiss_version);
  if (index.size() != manifest.info.count || index.dim() != manifest.info.dim) {
    throw Error(ErrorCode::kInternal, "[" + manifest.info.factory + "] " + std::to_string(manifest.info.count) +
                                          " vectors were added, the written index holds " +
                                          std::to_string(index.size()));
  }
}

}  // namespace

IndexInfo build_index(const Embeddings& embeddings, const fs::path& folder, const IndexBuildOptions& options,
                      const std::function<void(const std::string&)>& on_step) {
  const auto started = std::chrono::steady_clock::now();
  const auto step = [&](const std::string& name) {
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "[index build] stopped; the index folder is unchanged");
    if (on_step) on_step(name);
  };
  const IndexPlan plan = plan_index(options.type, embeddings.rows(), embeddings.dim(), options.memory);
  // Everything that can be refused is refused before the folder is touched.
  FaissIndex index = make_faiss_index(plan.factory, embeddings.dim(), embeddings.rows(), options.seed);
  const auto order = rows_by_id(embeddings);
  require_space(folder, plan, embeddings);

  GenerationWriter generation(folder);
  Manifest manifest;
  manifest.info = describe(embeddings, plan, options.probe > 0 ? options.probe : plan.probe, generation.number());
  manifest.files[kVectorsNpy] = write_unit_vectors(generation.path() / kVectorsNpy, embeddings, order);
  manifest.files[kIdsNpy] = write_ids(generation.path() / kIdsNpy, embeddings, order);
  write_item_table(generation.path() / kItemsSqlite, embeddings, order);
  manifest.files[kItemsSqlite] = measure_file(generation.path() / kItemsSqlite);
  manifest.files[kVectorsFaiss] = write_searchable(std::move(index), generation.path(), plan.factory, options, step);
  step("verify");
  read_back(generation.path(), manifest);
  manifest.info.index_bytes = manifest.files[kVectorsFaiss].bytes;
  manifest.info.build_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  write_manifest(generation.path(), manifest);
  generation.publish(options.keep_old);
  return manifest.info;
}

}  // namespace winnow
