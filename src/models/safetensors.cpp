#include "src/models/safetensors.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/models/safetensors_header.h"
#include "src/models/safetensors_writer.h"

namespace winnow {
namespace {

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr std::array<TypeName, 8> kTypes = {{{"F32", at::kFloat},
                                             {"F16", at::kHalf},
                                             {"BF16", at::kBFloat16},
                                             {"F64", at::kDouble},
                                             {"I64", at::kLong},
                                             {"I32", at::kInt},
                                             {"U8", at::kByte},
                                             {"BOOL", at::kBool}}};

at::ScalarType type_of(const std::string& name) {
  for (const auto& known : kTypes)
    if (name == known.name) return known.type;
  throw Error(ErrorCode::kInternal, "[safetensors] type " + name + " passed the header check");
}

const char* name_of(at::ScalarType type, const std::string& tensor) {
  for (const auto& known : kTypes)
    if (type == known.type) return known.name;
  throw Error(ErrorCode::kInternal, "[safetensors] tensor '" + tensor + "' has a type that the format does not know");
}

at::Tensor copy_tensor(const SafetensorsEntry& entry, const std::byte* data) {
  auto tensor = at::empty(entry.shape, at::TensorOptions(type_of(entry.dtype)));
  auto* bytes = static_cast<std::byte*>(tensor.mutable_data_ptr());
  if (entry.end > entry.begin) std::memcpy(bytes, data + entry.begin, entry.end - entry.begin);
  // Any byte but 0 and 1 in a bool is undefined behaviour once it is read.
  if (entry.dtype == "BOOL")
    std::transform(bytes, bytes + (entry.end - entry.begin), bytes, [](std::byte b) { return b & std::byte{1}; });
  return tensor;
}

}  // namespace

NamedTensors read_safetensors(const fs::path& file, std::map<std::string, std::string>* metadata) {
  const MappedFile map(file);
  SafetensorsHeader header = parse_safetensors_header(map.bytes(), file.string());
  NamedTensors tensors;
  for (const auto& entry : header.entries)
    tensors.emplace_back(entry.name, copy_tensor(entry, map.bytes().data() + header.data_offset));
  if (metadata) *metadata = std::move(header.metadata);
  return tensors;
}

void write_safetensors(AtomicFile& out, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata) {
  NamedTensors plain;
  for (const auto& [name, tensor] : tensors) plain.emplace_back(name, tensor.detach().cpu().contiguous());
  // Wide types first: other readers want each tensor at a multiple of its element size.
  std::vector<size_t> layout(plain.size());
  for (size_t i = 0; i < layout.size(); ++i) layout[i] = i;
  std::stable_sort(layout.begin(), layout.end(),
                   [&](size_t a, size_t b) { return plain[a].second.element_size() > plain[b].second.element_size(); });
  std::vector<uint64_t> begin(plain.size());
  uint64_t offset = 0;
  for (const size_t i : layout) {
    begin[i] = offset;
    offset += plain[i].second.nbytes();
  }
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  for (size_t i = 0; i < plain.size(); ++i) {
    const auto& [name, tensor] = plain[i];
    if (header.contains(name)) throw Error(ErrorCode::kInternal, "[safetensors] tensor '" + name + "' is given twice");
    header[name] = {{"dtype", name_of(tensor.scalar_type(), name)},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {begin[i], begin[i] + tensor.nbytes()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::array<unsigned char, 8> length{};
  for (size_t i = 0; i < length.size(); ++i) length[i] = static_cast<unsigned char>(uint64_t{text.size()} >> (8 * i));
  out.write(length.data(), length.size());
  out.write(text);
  for (const size_t i : layout) out.write(plain[i].second.const_data_ptr(), plain[i].second.nbytes());
}

std::string write_safetensors(const fs::path& file, const NamedTensors& tensors,
                              const std::map<std::string, std::string>& metadata) {
  AtomicFile out(file);
  write_safetensors(out, tensors, metadata);
  return out.commit();
}

}  // namespace winnow
