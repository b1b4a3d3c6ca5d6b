#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow::experiments {

/// Numbers that fit into one picture: 16 x 16 RGB, what the backbone `mlp` reads.
inline constexpr int64_t kPictureNumbers = 16 * 16 * 3;

/// Writes each row as a lossless 16x16 picture FOLDER/PREFIX-00000.png, value v as the grey level
/// round(127.5 + 127.5 v / limit), clamped; the pixels left over are 128.
/// @param vectors  float [N, D], D <= 768
/// @return their paths relative to the folder
std::vector<std::string> write_vector_pictures(const at::Tensor& vectors, double limit, const fs::path& folder,
                                               const std::string& prefix);

/// The 300 + 150 synthetic identities of losses.md 7.2: OUT/train.csv (columns path, label of each noise setting,
/// true), OUT/open40.csv, OUT/mixed.csv (some pictures replaced by a stranger's) and OUT/test.csv.
void make_identities(const fs::path& out, uint64_t seed);

/// Fixed features of 6,000 + 2,000 CIFAR-10 pictures (losses.md 7.1): 160 whitened random 6x6 patches, rectified, 2x2
/// pooled. OUT/train.csv (path, true, sym20, sym50, asym40, random1) and OUT/test.csv.
/// @param cifar  folder with images.csv, train.tar and test.tar. @throws Error(kNotFound | kData)
void make_cifar_patches(const fs::path& out, const fs::path& cifar, uint64_t seed);

}  // namespace winnow::experiments
