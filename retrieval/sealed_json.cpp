#include "retrieval/sealed_json.h"

#include "src/core/error.h"
#include "src/core/json.h"

namespace winnow {
namespace {

constexpr int kVersion = 1;
constexpr uint64_t kMaxCardBytes = uint64_t{16} << 20;

std::string dump(const nlohmann::json& object) {
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Over what a reader will see: text that is not UTF-8 is replaced first.
std::string digest_of(const nlohmann::json& object) { return sha256_hex(dump(nlohmann::json::parse(dump(object)))); }

}  // namespace

void write_sealed_json(const fs::path& file, nlohmann::json object, const std::string& format) {
  object["format"] = format;
  object["version"] = kVersion;
  object.erase("digest");
  object["digest"] = digest_of(object);
  write_json_atomically(file, object);
}

nlohmann::json read_sealed_json(const fs::path& file, const std::string& format) {
  auto object = read_json(file, kMaxCardBytes);
  if (!object.is_object()) {
    throw Error(ErrorCode::kData, "[" + file.string() + "] a JSON object is required, the file is damaged");
  }
  if (json_field<std::string>(object, "format", file) != format) {
    throw Error(ErrorCode::kData,
                "[" + file.string() + "] format '" + format + "' is required, got " + dump(object["format"]));
  }
  if (json_field<int64_t>(object, "version", file) > kVersion) {
    throw Error(ErrorCode::kData, "[" + file.string() + "] written by a newer winnow (format version " +
                                      dump(object["version"]) + ", this one reads " + std::to_string(kVersion) + ")");
  }
  const auto given = json_field<std::string>(object, "digest", file);
  object.erase("digest");
  if (given != digest_of(object)) {
    throw Error(ErrorCode::kData, "[" + file.string() + "] digest differs: the file was damaged or edited by hand");
  }
  return object;
}

template <typename T>
T json_field(const nlohmann::json& object, const char* name, const fs::path& file) {
  const auto found = object.find(name);
  if (found != object.end()) {
    try {
      return found->get<T>();
    } catch (const nlohmann::json::exception&) {
      throw Error(ErrorCode::kData, "[" + file.string() + "] field '" + name + "' has the wrong type");
    }
  }
  throw Error(ErrorCode::kData, "[" + file.string() + "] field '" + name + "' is required, it is missing");
}

template std::string json_field(const nlohmann::json&, const char*, const fs::path&);
template int64_t json_field(const nlohmann::json&, const char*, const fs::path&);
template uint64_t json_field(const nlohmann::json&, const char*, const fs::path&);
template double json_field(const nlohmann::json&, const char*, const fs::path&);
template bool json_field(const nlohmann::json&, const char*, const fs::path&);
template std::vector<std::string> json_field(const nlohmann::json&, const char*, const fs::path&);
template nlohmann::json json_field(const nlohmann::json&, const char*, const fs::path&);

std::string grouped(int64_t n) {
  std::string text = std::to_string(n);
  for (auto at = static_cast<int64_t>(text.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

}  // namespace winnow
