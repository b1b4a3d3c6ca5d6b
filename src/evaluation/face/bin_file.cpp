#include "src/evaluation/face/bin_file.h"

#include "src/core/error.h"

namespace winnow {
namespace {

BinFile pairs_of(std::unique_ptr<PickleDocument> document, const std::string& name) {
  BinFile out;
  out.document = std::move(document);
  const PickleValue root = out.document->root();
  const bool sequence = root.kind() == PickleKind::kTuple || root.kind() == PickleKind::kList;
  if (!sequence || root.size() != 2) root.fail("a pair of (pictures, labels) is required");
  const PickleValue pictures = root.at(0);
  for (const auto& picture : pictures.elements()) {
    out.pictures.push_back(picture.bytes());
    if (out.pictures.back().empty()) picture.fail("an encoded picture is required, got no bytes");
  }
  std::vector<bool> same;
  const PickleValue labels = root.at(1);
  if (labels.kind() == PickleKind::kArray)
    for (const int64_t v : labels.integers()) same.push_back(v != 0);
  else
    for (const auto& label : labels.elements()) same.push_back(label.boolean());
  if (out.pictures.size() != 2 * same.size())
    root.fail("two pictures a label are required, got " + std::to_string(out.pictures.size()) + " pictures and " +
              std::to_string(same.size()) + " labels");
  auto& list = out.list;
  list.source = name;
  list.person.assign(out.pictures.size(), -1);
  for (size_t i = 0; i < out.pictures.size(); ++i) list.images.push_back(name + "#" + std::to_string(i));
  for (size_t p = 0; p < same.size(); ++p)
    list.pairs.push_back({static_cast<int64_t>(2 * p), static_cast<int64_t>(2 * p + 1), same[p], 0});
  cut_folds(list, 10);
  return out;
}

}  // namespace

BinFile read_bin_file(const fs::path& file) {
  BinFile out = pairs_of(read_pickle(file), file.string());
  out.list.digest = sha256_file(file);  // two different lfw.bin files circulate
  return out;
}

BinFile parse_bin_file(std::string_view bytes, const std::string& name) {
  BinFile out = pairs_of(parse_pickle(bytes, name), name);
  out.list.digest = sha256_hex(bytes);
  return out;
}

}  // namespace winnow
