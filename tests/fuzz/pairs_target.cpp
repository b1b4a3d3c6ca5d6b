#include <algorithm>

#include "src/evaluation/face/folds.h"
#include "src/evaluation/face/pair_files.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {
namespace {

/// A CFP folder: two lists of pictures and one file a fold and class, as many as the input has.
std::vector<std::string> cfp_names(bool profile) {
  std::vector<std::string> out = {"Pair_list_F.txt", "Pair_list_P.txt"};
  for (int fold = 1; fold <= 10; ++fold)
    for (const char* kind : {"same.txt", "diff.txt"}) {
      const std::string number = (fold < 10 ? "0" : "") + std::to_string(fold);
      out.push_back(std::string("Split/") + (profile ? "FP/" : "FF/") + number + "/" + kind);
    }
  return out;
}

FacePairList read_cfp_input(std::string_view text, bool profile) {
  static MemoryFolder folder;
  const auto names = cfp_names(profile);
  auto texts = parts_of(text, names.size());
  // One part more serves all the folds that the input has no part of its own for.
  if (texts.size() > 2) texts.resize(names.size(), texts.back());
  folder.hold(names, texts);
  return read_pairs(profile ? "cfp-fp" : "cfp-ff", folder.path());
}

FacePairList read_file_input(const char* protocol, std::string_view text) {
  const MemoryFile file(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  return read_pairs(protocol, file.path());
}

/// What a protocol does with a list before any picture is read.
void use(FacePairList list) {
  const auto images = static_cast<int64_t>(list.images.size());
  require(list.person.size() == list.images.size(), "each picture has a person or none");
  for (const auto& p : list.pairs) {
    require(p.a >= 0 && p.a < images && p.b >= 0 && p.b < images, "pairs name pictures of the list");
    require(p.fold >= 0 && p.fold < std::max(1, list.folds), "folds are counted");
  }
  for (const int32_t who : list.person)
    require(who >= -1 && who < static_cast<int32_t>(list.people.size()), "people have names");
  examine_folds(list.pairs, list.person);
  try {
    const auto folds = identity_disjoint_folds(list.pairs, list.person, 2);
    require(folds.size() == list.pairs.size(), "each pair has a fold");
  } catch (const Error& e) {
    require(e.code() == ErrorCode::kData, "lists that cannot be cut are an error of the data");
  }
  const auto before = static_cast<int64_t>(list.pairs.size());
  const int64_t gone = exclude_people(list, {list.people.empty() ? "nobody" : list.people.front()});
  require(gone >= 0 && gone + static_cast<int64_t>(list.pairs.size()) == before, "excluded pairs are counted");
}

}  // namespace

/// The first byte chooses the reader.
int fuzz_pairs(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 5) {
      case 0: use(read_file_input("lfw", text)); break;
      case 1: use(read_file_input("calfw", text)); break;
      case 2: use(read_file_input("csv", text)); break;
      case 3: use(read_cfp_input(text, false)); break;
      default: use(read_cfp_input(text, true));
    }
  } catch (const Error& e) {
    require_reader_error(e);
  }
  return 0;
}

}  // namespace winnow::fuzz
