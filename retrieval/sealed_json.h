#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "src/core/files.h"

namespace winnow {

// Internal to retrieval. The cards of embeddings and index folders: JSON objects with a "format" name, a "version" and
// a "digest" over everything else, so that an edited or damaged card is noticed.

/// Writes the object sealed; atomic.
void write_sealed_json(const fs::path& file, nlohmann::json object, const std::string& format);

/// @throws Error(kNotFound) when absent, Error(kData) naming the file for bad JSON, another format, a version newer
/// than this program or a digest that differs
nlohmann::json read_sealed_json(const fs::path& file, const std::string& format);

/// A field with its type checked. @throws Error(kData) naming file and field
template <typename T>
T json_field(const nlohmann::json& object, const char* name, const fs::path& file);

/// "2,640"
std::string grouped(int64_t n);

}  // namespace winnow
