#include "src/evaluation/protocols/revisited.h"

#include "src/core/error.h"

namespace winnow {
namespace {

std::vector<std::string> names_of(const PickleValue& list) {
  std::vector<std::string> out;
  for (const auto& name : list.elements()) out.emplace_back(name.text());
  return out;
}

std::vector<int64_t> places_of(const PickleValue& query, const char* key, size_t database) {
  const auto value = query.get(key);
  auto out = value.integers();
  for (const int64_t place : out)
    if (place < 0 || place >= static_cast<int64_t>(database))
      value.fail(std::string(key) + ": places in [0, " + std::to_string(database) + "), not " + std::to_string(place) +
                 ",");
  return out;
}

std::vector<int64_t> joined(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  auto out = a;
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

}  // namespace

RevisitedTruth revisited_of(const PickleDocument& document) {
  const auto root = document.root();
  RevisitedTruth out;
  out.database = names_of(root.get("imlist"));
  out.queries = names_of(root.get("qimlist"));
  const auto truth = root.get("gnd");
  for (const auto& value : truth.elements()) {
    RevisitedTruth::Query query;
    const auto box = value.get("bbx");
    const auto corners = box.numbers();
    if (corners.size() != 4) box.fail("bbx: four numbers x1 y1 x2 y2");
    std::copy(corners.begin(), corners.end(), query.box.begin());
    query.easy = places_of(value, "easy", out.database.size());
    query.hard = places_of(value, "hard", out.database.size());
    query.junk = places_of(value, "junk", out.database.size());
    out.truth.push_back(std::move(query));
  }
  if (out.truth.size() != out.queries.size())
    truth.fail("gnd: one entry for each of the " + std::to_string(out.queries.size()) + " queries");
  return out;
}

RevisitedTruth read_revisited(const fs::path& file) { return revisited_of(*read_pickle(file)); }

std::vector<ListTruth::Lists> revisited_lists(const RevisitedTruth& truth, RevisitedLevel level) {
  std::vector<ListTruth::Lists> out;
  for (const auto& query : truth.truth) {
    if (level == RevisitedLevel::kEasy)
      out.push_back({query.easy, joined(query.junk, query.hard)});
    else if (level == RevisitedLevel::kMedium)
      out.push_back({joined(query.easy, query.hard), query.junk});
    else
      out.push_back({query.hard, joined(query.junk, query.easy)});
  }
  return out;
}

}  // namespace winnow
