#include "retrieval/embeddings.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "retrieval/exact_scan.h"
#include "retrieval/sealed_json.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/half.h"
#include "src/core/log.h"
#include "src/core/parallel.h"
#include "src/core/scratch_file.h"
#include "src/core/text.h"

namespace winnow {
namespace {

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorCode::kData, "[" + file.string() + "] " + what);
}

EmbeddingsInfo read_card(const fs::path& file) {
  const auto card = read_sealed_json(file, "winnow-embeddings");
  EmbeddingsInfo info;
  const auto text = [&](const char* name) { return json_field<std::string>(card, name, file); };
  info.model_digest = text("model_digest");
  info.preprocessing_digest = text("preprocessing_digest");
  info.model_path = text("model_path");
  info.data = text("data");
  info.created = text("created");
  info.winnow_version = text("winnow_version");
  info.vectors_digest = text("vectors_digest");
  info.items_digest = text("items_digest");
  info.extra_columns = json_field<std::vector<std::string>>(card, "extra_columns", file);
  // Absent in folders written before there were recipes.
  if (card.contains("recipe")) info.recipe = text("recipe");
  if (card.contains("whitening_digest")) info.whitening_digest = text("whitening_digest");
  if (card.contains("dtype")) info.dtype = text("dtype");
  info.normalised = json_field<bool>(card, "normalised", file);
  info.rows = json_field<int64_t>(card, "rows", file);
  info.dim = json_field<int64_t>(card, "dim", file);
  return info;
}

std::vector<EmbeddedItem> read_items(const fs::path& file, const EmbeddingsInfo& info) {
  if (sha256_file(file) != info.items_digest) refuse(file, "digest differs from card.json: damaged or edited");
  Csv csv = read_csv(file);
  std::vector<std::string> header = {"id", "path", "label"};
  header.insert(header.end(), info.extra_columns.begin(), info.extra_columns.end());
  if (csv.header != header)
    refuse(file, "columns " + join(header, ",") + " are required, got " + join(csv.header, ","));
  std::vector<EmbeddedItem> items;
  items.reserve(csv.rows.size());
  for (size_t row = 0; row < csv.rows.size(); ++row) {
    auto& fields = csv.rows[row];
    const auto id = parse_int(fields[0]);
    if (!id)
      refuse(file, "line " + std::to_string(csv.lines[row]) + ": an integer id is required, got '" + fields[0] + "'");
    EmbeddedItem item{*id, std::move(fields[1]), std::move(fields[2]), {}};
    item.extra.assign(std::make_move_iterator(fields.begin() + 3), std::make_move_iterator(fields.end()));
    items.push_back(std::move(item));
  }
  return items;
}

/// First row with a NaN or infinity, or -1; the same for any number of threads.
int64_t first_bad_row(std::span<const float> vectors, int64_t rows, int64_t dim) {
  std::atomic<int64_t> first{rows};
  parallel_for(
      rows,
      [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          const auto vector = vectors.subspan(size_t(row * dim), size_t(dim));
          if (std::all_of(vector.begin(), vector.end(), [](float v) { return std::isfinite(v); })) continue;
          int64_t seen = first.load();
          while (row < seen && !first.compare_exchange_weak(seen, row)) {
          }
          return;
        }
      },
      0, 4096);
  return first.load() < rows ? first.load() : -1;
}

/// A mapped file and what keeps it.
struct Stored {
  std::shared_ptr<const void> storage;
  std::span<const float> vectors;
};

/// float32 rows of a float16 file in a scratch file, widened a tile at a time.
Stored widen(const NpyFile& npy, const fs::path& folder) {
  constexpr size_t kTile = size_t{1} << 18;
  const auto halves = npy.float16();
  const auto scratch = std::make_shared<ScratchFile>(folder, ".vectors.npy.tmp.", halves.size() * sizeof(float));
  log_info("{}: float16 rows become {} of float32 in a scratch file in {}", folder.string(),
           format_bytes(halves.size() * sizeof(float)), scratch->folder().string());
  std::vector<float> tile(std::min(kTile, halves.size()));
  for (size_t at = 0; at < halves.size(); at += tile.size()) {
    const auto part = halves.subspan(at, std::min(tile.size(), halves.size() - at));
    halves_to_floats(part, std::span(tile).first(part.size()));
    scratch->write(std::as_bytes(std::span(tile).first(part.size())));
  }
  const auto bytes = scratch->map();
  return {scratch, {reinterpret_cast<const float*>(bytes.data()), halves.size()}};
}

Stored open_vectors(const fs::path& file, const EmbeddingsInfo& info) {
  const auto npy = std::make_shared<const NpyFile>(file);
  const std::string dtype = info.dtype == "float16" ? "<f2" : "<f4";
  const auto& shape = npy->shape();
  if (shape.size() != 2 || shape[0] != info.rows || shape[1] != info.dim || info.dim < 1 || npy->dtype() != dtype)
    refuse(file, info.dtype + " [" + std::to_string(info.rows) + ", " + std::to_string(info.dim) +
                     "] is required by card.json, the file holds another array");
  return dtype == "<f2" ? widen(*npy, file.parent_path()) : Stored{npy, npy->float32()};
}

}  // namespace

std::string chained_digest(const std::string& before, const std::string& step) {
  return step.empty() ? before : sha256_hex(before + "\n" + step);
}

Embeddings Embeddings::open(const fs::path& folder, bool check_finite) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::kNotFound, "[" + folder.string() + "] an embeddings folder is required, there is none");
  }
  if (!fs::exists(folder / "card.json")) {
    refuse(folder, "incomplete: no card.json (it is written last; was `winnow embed` interrupted?)");
  }
  Embeddings result;
  result.folder_ = folder;
  result.info_ = read_card(folder / "card.json");
  const auto& info = result.info_;
  const fs::path vectors_file = folder / "vectors.npy";
  if (info.dtype != "float32" && info.dtype != "float16")
    refuse(folder / "card.json", "dtype float32 or float16 is required, got " + info.dtype);
  const Stored stored = open_vectors(vectors_file, info);
  result.storage_ = stored.storage;
  result.vectors_ = stored.vectors;
  result.items_ = read_items(folder / "items.csv", info);
  if (static_cast<int64_t>(result.items_.size()) != info.rows) {
    refuse(folder / "items.csv", "rows " + std::to_string(info.rows) + " are required by card.json, got " +
                                     std::to_string(result.items_.size()));
  }
  if (check_finite) {
    const int64_t bad = first_bad_row(result.vectors(), info.rows, info.dim);
    if (bad >= 0) {
      refuse(vectors_file, "row " + std::to_string(bad) + " (" + result.items_[size_t(bad)].path +
                               "): finite values are required, got NaN or infinity");
    }
  }
  return result;
}

std::vector<float> unit_rows(const Embeddings& embeddings) {
  std::vector<float> rows(embeddings.vectors().begin(), embeddings.vectors().end());
  for (int64_t row = 0; row < embeddings.rows(); ++row) {
    float* at = rows.data() + row * embeddings.dim();
    if (normalise(at, at, embeddings.dim())) continue;
    refuse(embeddings.folder(), "row " + std::to_string(row) + " (" + embeddings.items()[size_t(row)].path +
                                    "): a vector other than zero is required for a cosine");
  }
  return rows;
}

}  // namespace winnow
