#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "src/core/error.h"
#include "src/image/codec.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {

inline void write_text(const fs::path& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// A picture that differs for every seed: smooth colours, so that it survives any codec.
inline Image make_picture(int width, int height, int seed) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(seed * 37 + x);
      image.at(x, y)[1] = static_cast<uint8_t>(seed * 11 + y);
      image.at(x, y)[2] = static_cast<uint8_t>(seed * 5 + (x + y) / 2);
    }
  return image;
}

inline std::string png_of(const Image& image) {
  const auto bytes = encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string as_text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The message and code of the Error a call throws; fails when it throws none.
template <typename Call>
std::string error_of(Call&& call, ErrorCode code) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error_name(error.code()), std::string(error_name(code))) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return {};
}

/// Pictures in memory, for loader tests without files.
class MemoryStore : public ImageStore {
 public:
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<std::byte> read(const std::string& path) const override {
    for (const auto& [name, bytes] : files) {
      if (name != path) continue;
      std::vector<std::byte> out(bytes.size());
      std::memcpy(out.data(), bytes.data(), bytes.size());
      return out;
    }
    throw Error(ErrorCode::kNotFound, "[picture] " + path + ": not there");
  }
  bool contains(const std::string& path) const override {
    for (const auto& [name, bytes] : files)
      if (name == path) return true;
    return false;
  }
};

/// n pictures "0.png", "1.png", ... of varied size; label i % classes; row 100 + i.
inline Dataset memory_dataset(int n, int classes) {
  auto store = std::make_shared<MemoryStore>();
  Dataset dataset;
  for (int c = 0; c < classes; ++c) dataset.label_names.push_back("class" + std::to_string(c));
  for (int i = 0; i < n; ++i) {
    Item item;
    item.row = 100 + i;
    item.path = std::to_string(i) + ".png";
    item.label = i % classes;
    store->files.emplace_back(item.path, png_of(make_picture(20 + i % 7, 18 + i % 5, i)));
    dataset.items.push_back(item);
  }
  dataset.store = store;
  return dataset;
}

}  // namespace winnow::test
