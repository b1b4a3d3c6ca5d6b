#include "src/evaluation/face/pair_files.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/text.h"
#include "src/evaluation/face/folds.h"
#include "src/evaluation/face/list_reader.h"

namespace winnow {

int64_t PairListBuilder::image(const std::string& path, const std::string& person) {
  const auto [at, fresh] = images_.emplace(path, static_cast<int64_t>(list.images.size()));
  if (fresh) {
    list.images.push_back(path);
    int32_t who = -1;
    if (!person.empty()) {
      const auto [found, added] = people_.emplace(person, static_cast<int32_t>(list.people.size()));
      if (added) list.people.push_back(person);
      who = found->second;
    }
    list.person.push_back(who);
  }
  return at->second;
}

std::string picture_person(const std::string& path) {
  const std::string name = fs::path(path).stem().string();
  const size_t at = name.rfind('_');
  return at == std::string::npos || at == 0 ? "" : name.substr(0, at);
}

namespace {

std::string lfw_path(const TextLine& line, const std::string& name, const std::string& index) {
  const auto number = parse_int(index);
  if (name.empty() || !number || *number < 0 || *number > 999999)
    line.fail("a name and a picture number are required, got '" + name + "' and '" + index + "'");
  std::string digits = std::to_string(*number);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return name + "/" + name + "_" + digits + ".jpg";
}

FacePair lfw_pair(const TextLine& line, PairListBuilder& builder) {
  const auto& f = line.fields;
  if (f.size() != 3 && f.size() != 4)
    line.fail("'name i j' or 'nameA i nameB j' is required, got " + std::to_string(f.size()) + " fields");
  const bool same = f.size() == 3;
  const std::string& second = same ? f[0] : f[2];
  FacePair pair;
  pair.same = same;
  pair.a = builder.image(lfw_path(line, f[0], f[1]), f[0]);
  pair.b = builder.image(lfw_path(line, second, f.back()), second);
  return pair;
}

/// The header's folds and pairs a class; a View 1 header is one fold; no header leaves both 0.
struct LfwHeader {
  int64_t folds = 0, per_class = 0;
};

LfwHeader lfw_header(const TextLine& line) {
  const auto numbers = [&](size_t i) { return i < line.fields.size() ? parse_int(line.fields[i]) : std::nullopt; };
  const auto first = numbers(0), second = numbers(1);
  LfwHeader out;
  if (line.fields.size() == 1 && first) out = {1, *first};
  if (line.fields.size() == 2 && first && second) out = {*first, *second};
  const bool header = line.fields.size() <= 2;
  if (header && (out.folds < 1 || out.per_class < 1 || out.folds > 1000 || out.per_class > 10'000'000))
    line.fail("the first line must say folds and pairs a class, e.g. '10<TAB>300'");
  return out;
}

void lfw_folds(FacePairList& list, const LfwHeader& header) {
  if (header.folds == 0) {
    cut_folds(list, 10);
    list.notes.push_back("the list has no header line: ten contiguous folds are assumed");
    return;
  }
  const int64_t want = header.folds * header.per_class * 2;
  if (static_cast<int64_t>(list.pairs.size()) != want)
    throw Error(ErrorCode::kData, "[pairs] " + list.source + ":1: the header promises " + std::to_string(want) +
                                      " pairs, the file has " + std::to_string(list.pairs.size()));
  list.folds = static_cast<int>(header.folds);
  for (size_t i = 0; i < list.pairs.size(); ++i)
    list.pairs[i].fold = static_cast<int>(static_cast<int64_t>(i) / (2 * header.per_class));
}

std::string below_images(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  while (path.starts_with("../") || path.starts_with("./")) path.erase(0, path.find('/') + 1);
  return path;
}

std::vector<std::string> cfp_list(const fs::path& file, std::string& bytes) {
  std::vector<std::string> out;
  const std::string text = read_file(file, uint64_t{64} << 20);
  bytes += text;
  for (const auto& line : text_lines(text, file.string())) {
    if (line.fields.size() != 2 || parse_int(line.fields[0]) != static_cast<int64_t>(out.size()) + 1)
      line.fail("'" + std::to_string(out.size() + 1) + " PATH' is required");
    out.push_back(below_images(line.fields[1]));
  }
  return out;
}

/// The person of ".../001/frontal/01.jpg".
std::string cfp_person(const std::string& path) {
  return fs::path(path).parent_path().parent_path().filename().string();
}

}  // namespace

FacePairList parse_lfw_pairs(std::string_view text, const std::string& source) {
  PairListBuilder builder(source, text);
  LfwHeader header;
  bool first = true;
  for (const auto& line : text_lines(text, source)) {
    if (first) header = lfw_header(line);
    if (!first || header.folds == 0) builder.list.pairs.push_back(lfw_pair(line, builder));
    first = false;
  }
  if (builder.list.pairs.empty()) throw Error(ErrorCode::kData, "[pairs] " + source + ": pairs are required, got none");
  lfw_folds(builder.list, header);
  return std::move(builder.list);
}

FacePairList read_lfw_pairs(const fs::path& file) {
  return parse_lfw_pairs(read_file(file, uint64_t{1} << 30), file.string());
}

FacePairList read_cfp(const fs::path& folder, bool profile) {
  const fs::path root = fs::exists(folder / "Protocol") ? folder / "Protocol" : folder;
  std::string bytes;
  const auto frontal = cfp_list(root / "Pair_list_F.txt", bytes);
  const auto other = profile ? cfp_list(root / "Pair_list_P.txt", bytes) : frontal;
  PairListBuilder builder(root.string(), "");
  for (int fold = 0; fold < 10; ++fold)
    for (const bool same : {true, false}) {
      const std::string number = (fold < 9 ? "0" : "") + std::to_string(fold + 1);
      const fs::path file = root / "Split" / (profile ? "FP" : "FF") / number / (same ? "same.txt" : "diff.txt");
      const std::string text = read_file(file, uint64_t{64} << 20);
      bytes += text;
      for (const auto& line : text_lines(text, file.string(), ',')) {
        const auto a = line.fields.size() == 2 ? parse_int(trim(line.fields[0])) : std::nullopt;
        const auto b = line.fields.size() == 2 ? parse_int(trim(line.fields[1])) : std::nullopt;
        if (!a || !b || *a < 1 || *b < 1 || *a > static_cast<int64_t>(frontal.size()) ||
            *b > static_cast<int64_t>(other.size()))
          line.fail("'a,b' with 1-based numbers of the picture lists is required");
        const auto& x = frontal[static_cast<size_t>(*a - 1)];
        const auto& y = other[static_cast<size_t>(*b - 1)];
        const int64_t first = builder.image(x, cfp_person(x)), second = builder.image(y, cfp_person(y));
        builder.list.pairs.push_back({first, second, same, fold});
      }
    }
  builder.list.digest = sha256_hex(bytes);
  builder.list.folds = 10;
  return std::move(builder.list);
}

FacePairList parse_two_line_pairs(std::string_view text, const std::string& source) {
  PairListBuilder builder(source, text);
  const auto lines = text_lines(text, source);
  for (size_t i = 0; i < lines.size(); i += 2) {
    if (i + 1 == lines.size()) lines[i].fail("a pair takes two lines; the last one stands alone");
    int64_t row[2];
    std::optional<int64_t> label[2];
    for (const size_t side : {0u, 1u}) {
      const auto& line = lines[i + side];
      label[side] = line.fields.size() == 2 ? parse_int(line.fields[1]) : std::nullopt;
      if (!label[side]) line.fail("'picture label' is required");
      row[side] = builder.image(line.fields[0], picture_person(line.fields[0]));
    }
    if ((*label[0] != 0) != (*label[1] != 0)) lines[i + 1].fail("both lines of a pair must have one label");
    builder.list.pairs.push_back({row[0], row[1], *label[0] != 0, 0});
  }
  if (builder.list.pairs.empty()) throw Error(ErrorCode::kData, "[pairs] " + source + ": pairs are required, got none");
  cut_folds(builder.list, 10);
  if (builder.list.folds > 0) {  // the protocol's rule, whatever the order of the file
    const auto folds = contiguous_folds_by_class(builder.list.pairs, builder.list.folds);
    for (size_t i = 0; i < folds.size(); ++i) builder.list.pairs[i].fold = folds[i];
  }
  return std::move(builder.list);
}

FacePairList read_two_line_pairs(const fs::path& file) {
  return parse_two_line_pairs(read_file(file, uint64_t{1} << 30), file.string());
}

FacePairList read_csv_pairs(const fs::path& file) {
  const Csv csv = read_csv(file);
  const int a = csv.require_column("a"), b = csv.require_column("b"), same = csv.require_column("same");
  const int fold = csv.column("fold"), person_a = csv.column("person_a"), person_b = csv.column("person_b");
  PairListBuilder builder(file.string(), "");
  builder.list.digest = sha256_file(file);
  for (size_t r = 0; r < csv.rows.size(); ++r) {
    const auto& row = csv.rows[r];
    const auto at = [&](int column) { return column < 0 ? std::string() : row[static_cast<size_t>(column)]; };
    const auto where = "[pairs] " + file.string() + ":" + std::to_string(csv.lines[r]) + ": ";
    if (at(same) != "0" && at(same) != "1")
      throw Error(ErrorCode::kData, where + "same must be 0 or 1, got '" + shown(at(same)) + "'");
    const auto number = fold < 0 ? std::optional<int64_t>(0) : parse_int(at(fold));
    if (!number || *number < 0 || *number > 999) throw Error(ErrorCode::kData, where + "fold must be 0 to 999");
    builder.list.pairs.push_back({builder.image(at(a), at(person_a)), builder.image(at(b), at(person_b)),
                                  at(same) == "1", static_cast<int>(*number)});
    builder.list.folds = std::max(builder.list.folds, static_cast<int>(*number) + 1);
  }
  if (fold < 0) cut_folds(builder.list, 10);
  return std::move(builder.list);
}

void cut_folds(FacePairList& list, int folds) {
  const auto positives = std::count_if(list.pairs.begin(), list.pairs.end(), [](const FacePair& p) { return p.same; });
  if (std::min<int64_t>(positives, static_cast<int64_t>(list.pairs.size()) - positives) < folds) {
    list.folds = 0;
    list.notes.push_back("too few same or different pairs for " + std::to_string(folds) +
                         " folds: no fold accuracy is given");
    return;
  }
  auto cut = contiguous_folds(static_cast<int64_t>(list.pairs.size()), folds);
  std::vector<int64_t> same(static_cast<size_t>(folds)), all(static_cast<size_t>(folds));
  for (size_t i = 0; i < cut.size(); ++i) {
    same[static_cast<size_t>(cut[i])] += list.pairs[i].same;
    ++all[static_cast<size_t>(cut[i])];
  }
  for (size_t f = 0; f < same.size(); ++f)
    if (same[f] == 0 || same[f] == all[f]) {
      cut = contiguous_folds_by_class(list.pairs, folds);
      list.notes.push_back("folds are slices of either class: contiguous ones would hold one class only");
      break;
    }
  for (size_t i = 0; i < cut.size(); ++i) list.pairs[i].fold = cut[i];
  list.folds = folds;
}

void check_published(FacePairList& list, const std::string& protocol) {
  static const std::unordered_map<std::string, int64_t> published = {{"lfw", 6000},   {"rfw", 6000},   {"calfw", 6000},
                                                                     {"cplfw", 6000}, {"agedb", 6000}, {"cfp-ff", 7000},
                                                                     {"cfp-fp", 7000}};
  const auto at = published.find(protocol);
  if (at != published.end() && static_cast<int64_t>(list.pairs.size()) != at->second)
    list.notes.push_back(protocol + " has " + std::to_string(at->second) + " pairs as published, this file has " +
                         std::to_string(list.pairs.size()) + ": figures do not compare with published ones");
}

FacePairList read_pairs(const std::string& protocol, const fs::path& file) {
  FacePairList out;
  if (protocol == "lfw" || protocol == "rfw")
    out = read_lfw_pairs(file);
  else if (protocol == "cfp-ff" || protocol == "cfp-fp")
    out = read_cfp(file, protocol == "cfp-fp");
  else if (protocol == "calfw" || protocol == "cplfw")
    out = read_two_line_pairs(file);
  else if (protocol == "csv")
    out = read_csv_pairs(file);
  else
    throw Error(ErrorCode::kUsage,
                "[pairs] no pair list of protocol '" + protocol +
                    "' can be read; known: lfw, rfw, cfp-ff, cfp-fp, calfw, cplfw, csv, and .bin files");
  check_published(out, protocol);
  return out;
}

int64_t exclude_people(FacePairList& list, const std::vector<std::string>& names) {
  const std::unordered_set<std::string> wanted(names.begin(), names.end());
  const auto listed = [&](int64_t row) {
    const int32_t who = list.person[static_cast<size_t>(row)];
    return who >= 0 && wanted.contains(list.people[static_cast<size_t>(who)]);
  };
  const size_t before = list.pairs.size();
  std::erase_if(list.pairs, [&](const FacePair& p) { return listed(p.a) || listed(p.b); });
  return static_cast<int64_t>(before - list.pairs.size());
}

}  // namespace winnow
