#include <string_view>

#include "src/config/reader.h"
#include "src/core/error.h"
#include "src/core/text.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow::fuzz {
namespace {

void read_and_write(const std::string& path) {
  test::ExampleConfig first, second;
  read_config({path, {}}, first);
  const std::string written = write_config(first);
  require(is_valid_utf8(written), "the resolved configuration is UTF-8");
  const MemoryFile copy(reinterpret_cast<const uint8_t*>(written.data()), written.size());
  read_config({copy.path(), {}}, second);
  require(write_config(second) == written, "the resolved configuration reads back the same");
}

void read_override(const std::string& item) {
  test::ExampleConfig config;
  read_config({"", {item, "training.epochs=3"}}, config);
}

template <typename Action>
void expect_only(ErrorCode code, const Action& action) {
  try {
    action();
  } catch (const Error& e) {
    require(e.code() == code, "a bad text has the error code of its reader");
    require(std::string_view(e.what()).size() < 100000, "messages are bounded");
  }
}

}  // namespace

int fuzz_config(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // The name of any file on this machine could follow, a terminal or a pipe too.
  if (text.find("extends") != std::string::npos) return 0;
  const MemoryFile file(data, size);
  expect_only(ErrorCode::kConfig, [&] { read_and_write(file.path()); });
  expect_only(ErrorCode::kConfig, [&] { read_override(text); });
  expect_only(ErrorCode::kData, [&] { yaml_to_json(file.path()); });
  return 0;
}

}  // namespace winnow::fuzz
