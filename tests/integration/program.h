#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "src/core/random.h"
#include "src/image/codec.h"

namespace winnow::test {

namespace fs = std::filesystem;

struct Outcome {
  int exit = -1;
  std::string out, err;
  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

inline std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void spill(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline std::string quote(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Runs the built program through the shell, as a person types it.
inline Outcome winnow(const std::string& arguments, const fs::path& scratch) {
  const fs::path out = scratch / "stdout.txt", err = scratch / "stderr.txt";
  const std::string line = std::string(WINNOW_BINARY_DIR) + "/bin/winnow " + arguments + " >" + quote(out.string()) +
                           " 2>" + quote(err.string());
  const int status = std::system(line.c_str());
  Outcome result;
  result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = slurp(out);
  result.err = slurp(err);
  return result;
}

/// A picture whose colours say its class and whose noise says its shot.
inline Image class_picture(int class_id, int shot, int side = 40) {
  Image image(side, side);
  Random random(5, "picture", static_cast<uint64_t>(class_id), static_cast<uint64_t>(shot));
  const int r = 60 + 40 * (class_id % 4), g = 200 - 45 * (class_id / 4 % 4), b = 90 + 50 * (class_id % 3);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      uint8_t* p = image.at(x, y);
      const int stripe = (x * (1 + class_id % 3) / 5 + y / 7) % 2 == 0 ? 30 : 0;
      p[0] = static_cast<uint8_t>(std::min<uint64_t>(255, static_cast<uint64_t>(r + stripe) + random.below(25)));
      p[1] = static_cast<uint8_t>(std::min<uint64_t>(255, static_cast<uint64_t>(g + stripe) + random.below(25)));
      p[2] = static_cast<uint8_t>(std::min<uint64_t>(255, static_cast<uint64_t>(b) + random.below(25)));
    }
  return image;
}

inline std::string jpeg_bytes(const Image& image) {
  const auto bytes = encode_jpeg(image, 90);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// ROOT/class K/shot N.jpg: names with spaces on purpose.
inline void make_photos(const fs::path& root, int classes, int shots) {
  for (int c = 0; c < classes; ++c)
    for (int s = 0; s < shots; ++s)
      spill(root / ("class " + std::to_string(c)) / ("shot " + std::to_string(s) + ".jpg"),
            jpeg_bytes(class_picture(c, s)));
}

}  // namespace winnow::test
