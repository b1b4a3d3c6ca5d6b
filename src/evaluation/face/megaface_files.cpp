#include "src/evaluation/face/megaface_files.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/json.h"
#include "src/evaluation/face/list_reader.h"

namespace winnow {
namespace {

static_assert(std::endian::native == std::endian::little, "feature files are read as they are");
constexpr size_t kHeader = 16;

[[noreturn]] void refuse(const std::string& name, size_t offset, const std::string& what) {
  throw Error(ErrorCode::kData, "[megaface] " + name + ": offset " + std::to_string(offset) + ": " + what);
}

int32_t word(std::string_view bytes, size_t i) {
  int32_t out;
  std::memcpy(&out, bytes.data() + 4 * i, 4);
  return out;
}

template <typename T>
float element(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return static_cast<float>(value);
}

std::vector<std::string> texts(const nlohmann::json& j, const std::string& name, const char* key) {
  std::vector<std::string> out;
  if (!j.at(key).is_array()) throw Error(ErrorCode::kData, "[megaface] " + name + ": '" + key + "' must be an array");
  for (const auto& v : j.at(key)) {
    if (!v.is_string())
      throw Error(ErrorCode::kData,
                  "[megaface] " + name + ": entry " + std::to_string(out.size()) + " of '" + key + "' must be text");
    out.push_back(v.get<std::string>());
  }
  return out;
}

}  // namespace

std::vector<float> parse_megaface_feature(std::string_view bytes, const std::string& name) {
  if (bytes.size() < kHeader) refuse(name, bytes.size(), "a header of 16 bytes is required, the file ends");
  const int32_t rows = word(bytes, 0), columns = word(bytes, 1), stride = word(bytes, 2), type = word(bytes, 3);
  if (rows < 1 || rows > 65536) refuse(name, 0, "1 to 65536 rows are required, got " + std::to_string(rows));
  if (columns != 1) refuse(name, 4, "a vector with 1 column is required, got " + std::to_string(columns));
  if (type != 5 && type != 6)
    refuse(name, 12, "type 5 (float32) or 6 (float64) is required, got " + std::to_string(type));
  const int32_t size = type == 5 ? 4 : 8;
  if (stride < size)
    refuse(name, 8, "a stride of at least " + std::to_string(size) + " is required, got " + std::to_string(stride));
  const auto want = static_cast<uint64_t>(rows) * static_cast<uint64_t>(stride);
  if (want != bytes.size() - kHeader)
    refuse(name, kHeader,
           std::to_string(want) + " bytes are promised, " + std::to_string(bytes.size() - kHeader) + " follow");
  std::vector<float> out;
  for (int32_t r = 0; r < rows; ++r) {
    const size_t at = kHeader + static_cast<size_t>(r) * static_cast<size_t>(stride);
    out.push_back(type == 5 ? element<float>(bytes, at) : element<double>(bytes, at));
    if (!std::isfinite(out.back())) refuse(name, at, "a finite number is required");
  }
  return out;
}

std::vector<float> read_megaface_feature(const fs::path& file) {
  return parse_megaface_feature(read_file(file, uint64_t{1} << 20), file.string());
}

std::string megaface_feature_bytes(std::span<const float> vector) {
  const int32_t header[4] = {static_cast<int32_t>(vector.size()), 1, 4, 5};
  std::string out(reinterpret_cast<const char*>(header), sizeof header);
  out.append(reinterpret_cast<const char*>(vector.data()), vector.size_bytes());
  return out;
}

MegaFaceList parse_megaface_list(std::string_view text, const std::string& name) {
  const nlohmann::json j = parse_json(text, name);
  if (!j.is_object() || !j.contains("path"))
    throw Error(ErrorCode::kData, "[megaface] " + name + ": an object with 'path' is required");
  MegaFaceList out;
  out.paths = texts(j, name, "path");
  if (j.contains("id")) out.ids = texts(j, name, "id");
  if (!out.ids.empty() && out.ids.size() != out.paths.size())
    throw Error(ErrorCode::kData, "[megaface] " + name + ": 'path' has " + std::to_string(out.paths.size()) +
                                      " entries, 'id' " + std::to_string(out.ids.size()));
  return out;
}

MegaFaceList read_megaface_list(const fs::path& file) {
  return parse_megaface_list(read_file(file, uint64_t{1} << 30), file.string());
}

std::unordered_set<std::string> read_noise_list(const fs::path& file) {
  std::unordered_set<std::string> out;
  for (const auto& line : text_lines(read_file(file, uint64_t{1} << 30), file.string(), '\t'))
    if (!line.fields[0].starts_with('#')) out.insert(line.fields.back());
  return out;
}

std::vector<char> marked(const std::vector<std::string>& paths, const std::unordered_set<std::string>& noise) {
  std::vector<char> out;
  for (const auto& path : paths)
    out.push_back(noise.contains(path) || noise.contains(fs::path(path).filename().string()));
  return out;
}

std::string megaface_result_json(std::span<const double> cmc, std::span<const std::pair<double, double>> roc) {
  nlohmann::json ranks = nlohmann::json::array(), values = ranks, fpr = ranks, tpr = ranks;
  for (size_t k = 0; k < cmc.size(); ++k) {
    if (k > 0 && cmc[k] == cmc[k - 1]) continue;
    ranks.push_back(k);
    values.push_back(cmc[k]);
  }
  for (const auto& [x, y] : roc) {
    fpr.push_back(x);
    tpr.push_back(y);
  }
  return nlohmann::json{{"cmc", {ranks, values}}, {"roc", {fpr, tpr}}}.dump() + "\n";
}

}  // namespace winnow
