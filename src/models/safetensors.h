#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/core/files.h"

namespace winnow {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Reads a safetensors file (F32, F16, BF16, F64, I64, I32, U8, BOOL) through a memory map, copying each tensor.
/// Every length is checked against the file before use: header <= 100 MB, offsets inside, no overlap, sizes match
/// shapes. @param metadata receives __metadata__ when not null
/// @throws Error(kNotFound), Error(kData) `FILE: byte OFFSET: what`
NamedTensors read_safetensors(const fs::path& file, std::map<std::string, std::string>* metadata = nullptr);

/// Writes contiguous CPU copies, keys in the order given, header padded to 8 bytes; atomic. @return SHA-256
std::string write_safetensors(const fs::path& file, const NamedTensors& tensors,
                              const std::map<std::string, std::string>& metadata = {});

}  // namespace winnow
