#include "src/core/text.h"
#include "src/evaluation/protocols/protocol.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {
namespace {

ProtocolSide side_of(std::vector<std::string> paths) {
  ProtocolSide out{std::move(paths), {}};
  for (size_t i = 0; i < out.paths.size(); ++i) out.labels.push_back(i % 3 == 0 ? "" : std::to_string(i % 2));
  return out;
}

/// Pictures of few and short names, which lists of an input can find.
ProtocolInput fixed_input() {
  const auto side = side_of({"x/a.jpg", "x/b.jpg", "y/c.jpg", "y/z/d.jpg", "q1.jpg", "all_souls_000013.jpg"});
  return {side, side, true, {}};
}

/// Protocols that read the names of pictures: a line of the input is one.
ProtocolInput named_input(std::string_view text) {
  std::vector<std::string> names;
  for (auto& line : split(text, '\n')) names.push_back(std::move(line));
  return {side_of(names), side_of(names), true, {}};
}

/// What an evaluation relies on.
void check_task(const RetrievalTask& task, const ProtocolInput& input) {
  const auto inside = [](const std::vector<int64_t>& rows, size_t count) {
    for (const int64_t row : rows) require(row >= 0 && row < static_cast<int64_t>(count), "rows are embedded pictures");
  };
  inside(task.queries, input.queries.paths.size());
  inside(task.gallery, input.gallery.paths.size());
  require(task.query_labels.size() == task.queries.size(), "each query has a label");
  require(task.gallery_labels.empty() || task.gallery_labels.size() == task.gallery.size(), "so has the gallery");
  require(task.query_camera.empty() || task.query_camera.size() == task.queries.size(), "cameras are complete");
  if (task.words > 0) {
    const auto words = static_cast<size_t>(task.words);
    require(task.query_bits.size() == words * task.queries.size(), "each query has its flags");
    require(task.gallery_bits.size() == words * task.gallery.size(), "each picture has its flags");
    const ShareTruth truth(task.query_bits, task.gallery_bits, task.words, {});
    require(truth.order().size() + truth.excluded().size() == task.queries.size(), "each query is judged or left out");
  } else if (!task.lists.empty()) {
    require(task.lists.size() == task.queries.size(), "each query has its lists");
    const ListTruth truth(task.lists, static_cast<int64_t>(task.gallery.size()));
    require(truth.order().size() + truth.excluded().size() == task.queries.size(), "each query is judged or left out");
  }
}

/// Every protocol that reads a truth, by the names of its files ("" = the truth is one file), and those of names.
struct Reader {
  const char* protocol;
  std::vector<std::string> files;
};
const std::vector<Reader>& readers() {
  static const std::vector<Reader> all = {
      {"roxford5k", {}},
      {"oxford5k", {"a_1_query.txt", "a_1_good.txt", "a_1_ok.txt", "a_1_junk.txt"}},
      {"gldv2", {}},
      {"cub200", {"images.txt", "image_class_labels.txt"}},
      {"cub200-classification", {"images.txt", "image_class_labels.txt", "train_test_split.txt"}},
      {"sop", {}},
      {"inshop", {}},
      {"nus-wide", {}},
      {"csv", {}},
      {"market1501", {}},
      {"holidays", {}},
      {"ukbench", {}}};
  return all;
}

void plan_input(const Reader& reader, std::string_view text) {
  static MemoryFolder folder;
  const ProtocolDefinition& protocol = find_retrieval_protocol(reader.protocol);
  const MemoryFile file(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  ProtocolInput input = *protocol.truth ? fixed_input() : named_input(text);
  input.truth = file.path();
  if (!reader.files.empty()) {
    folder.hold(reader.files, parts_of(text, reader.files.size()));
    input.truth = folder.path();
  }
  const ProtocolPlan plan = plan_protocol(protocol, input);
  for (const auto& note : plan.notes) require(is_valid_utf8(note) && note.size() < 2000, "notes can be printed");
  for (const auto& task : plan.tasks) check_task(task, input);
}

}  // namespace

/// The first byte chooses the protocol.
int fuzz_truth(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    plan_input(readers()[data[0] % readers().size()], text);
  } catch (const Error& e) {
    require_reader_error(e);
  }
  return 0;
}

}  // namespace winnow::fuzz
