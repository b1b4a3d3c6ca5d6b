#include <algorithm>
#include <numeric>

#include "retrieval/generation_build.h"
#include "retrieval/postprocess/expansion.h"
#include "retrieval/postprocess/whitening_file.h"
#include "src/core/error.h"

namespace winnow {
namespace {

/// A row of one of several folders.
struct Row {
  const EmbeddedItem* item;
  const float* vector;
  const Embeddings* from;
};

/// Rows sorted by id. @throws Error(kData) for an id that occurs twice
std::vector<Row> rows_by_id(std::span<const Embeddings> slices, int64_t part, int64_t parts) {
  std::vector<Row> rows;
  for (const auto& slice : slices) {
    for (int64_t row = part; row < slice.rows(); row += parts) {
      rows.push_back({&slice.items()[static_cast<size_t>(row)], slice.vector(row).data(), &slice});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.item->id < b.item->id; });
  const auto place = [](const Row& row) {
    return std::to_string(row.item - row.from->items().data()) + " of " + (row.from->folder() / "items.csv").string();
  };
  for (size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].item->id != rows[i - 1].item->id) continue;
    throw Error(ErrorCode::kData, "[index build] every id once is required, " + std::to_string(rows[i].item->id) +
                                      " is in rows " + place(rows[i - 1]) + " and " + place(rows[i]));
  }
  return rows;
}

void require_one_model(std::span<const Embeddings> slices) {
  const auto& first = slices.front();
  for (const auto& slice : slices) {
    const bool same = slice.dim() == first.dim() && slice.info().model_digest == first.info().model_digest &&
                      slice.info().preprocessing_digest == first.info().preprocessing_digest &&
                      slice.info().extra_columns == first.info().extra_columns;
    if (same) continue;
    throw Error(ErrorCode::kMismatch, "[" + slice.folder().string() + "] the model, dimension and columns of " +
                                          first.folder().string() + " are required, these differ");
  }
}

/// Every vector of the content expanded by its nearest others; `rows` holds them then.
void augment_rows(GenerationContent& content, int64_t neighbours, std::vector<float>& rows) {
  rows.resize(content.vectors.size() * static_cast<size_t>(content.dim));
  for (size_t row = 0; row < content.vectors.size(); ++row) unit_vector(content, row, &rows[row * size_t(content.dim)]);
  rows = augment_database(rows, content.dim, {neighbours, 3, 1});
  for (size_t row = 0; row < content.vectors.size(); ++row) content.vectors[row] = &rows[row * size_t(content.dim)];
  content.unit = true;
}

}  // namespace

GenerationContent content_of(std::span<const Embeddings> slices, int64_t part, int64_t parts) {
  if (part < 0 || part >= parts) {
    throw Error(ErrorCode::kUsage, "[index build] a slice i of n with 0 <= i < n is required, got " +
                                       std::to_string(part) + "/" + std::to_string(parts));
  }
  GenerationContent content;
  content.dim = slices.front().dim();
  std::vector<const EmbeddedItem*> in_file_order;
  for (const auto& slice : slices) {
    for (const auto& item : slice.items()) in_file_order.push_back(&item);
  }
  for (const auto& row : rows_by_id(slices, part, parts)) {
    content.items.push_back(row.item);
    content.vectors.push_back(row.vector);
  }
  content.columns = infer_item_columns(in_file_order, slices.front().info().extra_columns);
  content.source = (slices.front().folder() / "vectors.npy").string();
  return content;
}

IndexInfo origin_of(const EmbeddingsInfo& from) {
  IndexInfo info;
  info.model_digest = from.model_digest;
  info.preprocessing_digest = from.preprocessing_digest;
  info.model_path = from.model_path;
  info.data = from.data;
  info.recipe = from.recipe;
  info.whitening_digest = from.whitening_digest;
  return info;
}

std::vector<IndexEvent> history_of(const fs::path& folder) {
  if (!fs::exists(folder / "CURRENT")) return {};
  return read_manifest(current_generation(folder)).info.history;
}

IndexInfo build_index(std::span<const Embeddings> slices, const fs::path& folder, const IndexBuildOptions& options,
                      const std::function<void(const std::string&)>& on_step) {
  if (slices.empty()) throw Error(ErrorCode::kUsage, "[index build] at least one embeddings folder is required");
  require_one_model(slices);
  if (options.augment > 0 && options.slices > 1)
    throw Error(ErrorCode::kUsage, "[index build] DBA needs all vectors at once and goes with no slice");
  GenerationContent content = content_of(slices, options.slice, options.slices);
  const auto rows = static_cast<int64_t>(content.items.size());
  const IndexPlan plan = plan_for(folder, options, rows, content.dim);
  // Everything that can be refused is refused before the folder is touched.
  make_faiss_index(plan.factory, content.dim, rows, options.seed);
  std::vector<float> augmented;
  if (options.augment > 0) augment_rows(content, options.augment, augmented);
  GenerationWriter writer(folder);
  IndexInfo info = origin_of(slices.front().info());
  copy_whitening(slices.front().folder(), folder, info.whitening_digest);
  info.augmented = options.augment;
  info.history = history_of(folder);
  const auto loaded = write_generation(writer, content, plan, options, std::move(info), "build", on_step);
  writer.publish(options.keep_old);
  return loaded.manifest.info;
}

IndexInfo build_index(const Embeddings& embeddings, const fs::path& folder, const IndexBuildOptions& options,
                      const std::function<void(const std::string&)>& on_step) {
  return build_index(std::span(&embeddings, 1), folder, options, on_step);
}

}  // namespace winnow
