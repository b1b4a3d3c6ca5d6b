#include "retrieval/postprocess/whitening_file.h"

#include <algorithm>
#include <unordered_map>

#include "retrieval/sealed_json.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr const char* kFormat = "winnow-whitening";

nlohmann::json document(const Whitening& w) {
  return {{"kind", w.kind},
          {"dim", w.dim},
          {"out", w.out},
          {"mean", w.mean},
          {"projection", w.projection},
          {"eigenvalues", w.eigenvalues},
          {"model_digest", w.model_digest},
          {"learned_on", w.learned_on}};
}

fs::path file_of(const fs::path& folder, const std::string& digest) {
  return folder / ("whitening-" + digest.substr(0, 16) + ".json");
}

std::vector<int64_t> label_numbers(const Embeddings& e) {
  std::unordered_map<std::string, int64_t> numbers;
  std::vector<int64_t> out;
  for (const auto& item : e.items())
    out.push_back(item.label.empty() ? -1
                                     : numbers.emplace(item.label, static_cast<int64_t>(numbers.size())).first->second);
  return out;
}

void require_raw(const Embeddings& e) {
  if (!e.info().whitening_digest.empty())
    throw Error(ErrorCode::kData,
                "[whitening] embeddings that are not whitened yet are required, " + e.folder().string() + " is");
}

}  // namespace

Whitening learn_whitening(const Embeddings& from, const std::string& kind, int64_t out) {
  if (kind != "pca" && kind != "pairs")
    throw Error(ErrorCode::kUsage, "[whitening] pca or pairs is required, got '" + kind + "'");
  require_raw(from);
  const auto rows = unit_rows(from);
  Whitening w = kind == "pca" ? learn_pca_whitening(rows, from.dim(), out)
                              : learn_pair_whitening(rows, from.dim(), label_numbers(from), out);
  w.model_digest = from.info().model_digest;
  for (const auto& item : from.items()) w.learned_on.push_back(item.path);
  std::sort(w.learned_on.begin(), w.learned_on.end());
  return w;
}

std::string whitening_digest(const Whitening& whitening) { return sha256_hex(document(whitening).dump()); }

void write_whitening(const fs::path& file, const Whitening& w) { write_sealed_json(file, document(w), kFormat); }

Whitening read_whitening(const fs::path& file) {
  const auto j = read_sealed_json(file, kFormat);
  const auto numbers = [&](const char* name) {
    std::vector<double> values;
    for (const auto& v : json_field<nlohmann::json>(j, name, file)) {
      if (!v.is_number()) throw Error(ErrorCode::kData, "[" + file.string() + "] numbers are required in " + name);
      values.push_back(v.get<double>());
    }
    return values;
  };
  Whitening w;
  w.kind = json_field<std::string>(j, "kind", file);
  w.dim = json_field<int64_t>(j, "dim", file);
  w.out = json_field<int64_t>(j, "out", file);
  w.mean = numbers("mean");
  w.projection = numbers("projection");
  w.eigenvalues = numbers("eigenvalues");
  w.model_digest = json_field<std::string>(j, "model_digest", file);
  w.learned_on = json_field<std::vector<std::string>>(j, "learned_on", file);
  const bool fits = w.dim >= 1 && w.out >= 1 && w.mean.size() == size_t(w.dim) &&
                    w.projection.size() / size_t(w.dim) == size_t(w.out) && w.projection.size() % size_t(w.dim) == 0;
  if (!fits) throw Error(ErrorCode::kData, "[" + file.string() + "] sizes of mean and projection must agree with dim");
  return w;
}

std::string keep_whitening(const fs::path& folder, const Whitening& whitening) {
  const std::string digest = whitening_digest(whitening);
  make_folder(folder);
  if (!fs::exists(file_of(folder, digest))) write_whitening(file_of(folder, digest), whitening);
  return digest;
}

Whitening find_whitening(const fs::path& folder, const std::string& digest) {
  const fs::path file = file_of(folder, digest);
  Whitening w = read_whitening(file);
  if (whitening_digest(w) != digest)
    throw Error(ErrorCode::kData, "[" + file.string() + "] the whitening of the vectors beside it is required");
  return w;
}

void copy_whitening(const fs::path& from, const fs::path& to, const std::string& digest) {
  if (!digest.empty()) keep_whitening(to, find_whitening(from, digest));
}

void require_fair_whitening(const Embeddings& queries) {
  const auto& digest = queries.info().whitening_digest;
  if (!digest.empty()) find_whitening(queries.folder(), digest).require_not_learned_on(queries);
}

void whiten_embeddings(const Embeddings& from, const Whitening& whitening, const fs::path& out,
                       const std::string& dtype) {
  require_raw(from);
  whitening.require_made_for(from.info().model_digest, from.dim());
  const auto rows = whitening.apply(unit_rows(from));
  EmbeddingsInfo info = from.info();
  info.whitening_digest = keep_whitening(out, whitening);
  info.preprocessing_digest = chained_digest(info.preprocessing_digest, info.whitening_digest);
  info.dtype = dtype;
  info.created.clear();
  info.winnow_version.clear();
  EmbeddingsWriter writer(out, whitening.out, from.rows(), info);
  for (int64_t row = 0; row < from.rows(); ++row)
    writer.add(from.items()[static_cast<size_t>(row)],
               std::span(rows).subspan(static_cast<size_t>(row * whitening.out), static_cast<size_t>(whitening.out)));
  writer.commit();
}

}  // namespace winnow
