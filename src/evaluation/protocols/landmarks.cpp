// Landmark and instance sets: Revisited Oxford and Paris, Oxford5k and Paris6k, Holidays, UKBench, GLDv2.
#include <algorithm>
#include <map>

#include "src/core/csv_stream.h"
#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"
#include "src/evaluation/protocols/items.h"
#include "src/evaluation/protocols/revisited.h"

namespace winnow {
namespace {

using namespace protocols;

/// Rows of a listed set; -1 where a name was not embedded.
struct FoundRows {
  std::vector<int64_t> rows;   ///< of the side, found ones only
  std::vector<int64_t> place;  ///< by place in the list: place in `rows` or -1
};

FoundRows find_all(ItemFinder& finder, const std::vector<std::string>& names, ProtocolPlan& plan, const char* what) {
  FoundRows out;
  std::string first;
  int64_t missing = 0;
  for (const auto& name : names) {
    const int64_t row = finder.find(name);
    out.place.push_back(row < 0 ? -1 : static_cast<int64_t>(out.rows.size()));
    if (row >= 0) {
      out.rows.push_back(row);
    } else if (missing++ == 0) {
      first = name;
    }
  }
  note_missing(plan, missing, static_cast<int64_t>(names.size()), first, what);
  return out;
}

std::vector<int64_t> all_rows(size_t n) {
  std::vector<int64_t> out(n);
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<int64_t>(i);
  return out;
}

std::vector<int64_t> places(const std::vector<int64_t>& listed, const FoundRows& found) {
  std::vector<int64_t> out;
  for (const int64_t i : listed)
    if (found.place[static_cast<size_t>(i)] >= 0) out.push_back(found.place[static_cast<size_t>(i)]);
  return out;
}

/// Rows named in a text file of Oxford5k, one a line.
std::vector<int64_t> named_rows(const fs::path& file, ItemFinder& finder, int64_t& missing, std::string& first) {
  std::vector<int64_t> out;
  for_each_line(file, [&](int64_t, const std::vector<std::string_view>& fields) {
    const int64_t row = finder.find(fields[0]);
    if (row >= 0)
      out.push_back(row);
    else if (missing++ == 0)
      first = std::string(fields[0]);
  });
  return out;
}

void add_list(RetrievalTask& task, int64_t query_row, ListTruth::Lists lists) {
  task.queries.push_back(query_row);
  task.query_labels.push_back(static_cast<int64_t>(task.query_labels.size()));
  task.lists.push_back(std::move(lists));
}

}  // namespace

ProtocolPlan plan_revisited(const ProtocolInput& input) {
  const auto truth = read_revisited(input.truth);
  ProtocolPlan plan;
  ItemFinder query_finder(input.queries.paths, false), gallery_finder(input.gallery.paths, false);
  const auto queries = find_all(query_finder, truth.queries, plan, "queries");
  const auto gallery = find_all(gallery_finder, truth.database, plan, "database pictures");
  const std::pair<const char*, RevisitedLevel> levels[] = {
      {"easy", RevisitedLevel::kEasy}, {"medium", RevisitedLevel::kMedium}, {"hard", RevisitedLevel::kHard}};
  for (const auto& [name, level] : levels) {
    RetrievalTask task;
    task.name = name;
    task.gallery = gallery.rows;
    const auto lists = revisited_lists(truth, level);
    for (size_t q = 0; q < lists.size(); ++q) {
      if (queries.place[q] < 0) continue;
      add_list(task, queries.rows[static_cast<size_t>(queries.place[q])],
               {places(lists[q].positive, gallery), places(lists[q].ignored, gallery)});
    }
    plan.tasks.push_back(std::move(task));
  }
  plan.notes.push_back("queries must be embedded from the crop of their box; uncropped queries are another benchmark");
  return plan;
}

ProtocolPlan plan_oxford(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  task.gallery = all_rows(input.gallery.paths.size());
  ItemFinder query_finder(input.queries.paths, false), gallery_finder(input.gallery.paths, false);
  std::vector<fs::path> files;
  const std::string ending = "_query.txt";
  if (std::error_code ignored; !fs::is_directory(input.truth, ignored))
    throw Error(ErrorCode::kNotFound,
                "[protocol] --truth must be a folder with *_query.txt files, given '" + input.truth.string() + "'");
  for (const auto& entry : fs::directory_iterator(input.truth))
    if (entry.path().filename().string().ends_with(ending)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  int64_t missing = 0, missing_queries = 0;
  std::string first, first_query;
  for (const auto& file : files) {
    const std::string text = file.string(), base = text.substr(0, text.size() - ending.size());
    for_each_line(file, [&](int64_t number, const std::vector<std::string_view>& fields) {
      if (fields.size() != 5) fail_line(file, number, "a name and a box x1 y1 x2 y2 are required");
      auto name = fields[0];
      if (name.starts_with("oxc1_")) name.remove_prefix(5);
      const int64_t row = query_finder.find(name);
      ListTruth::Lists lists;
      for (const char* part : {"_good.txt", "_ok.txt"})
        for (const int64_t r : named_rows(base + part, gallery_finder, missing, first)) lists.positive.push_back(r);
      lists.ignored = named_rows(base + "_junk.txt", gallery_finder, missing, first);
      if (row >= 0)
        add_list(task, row, std::move(lists));
      else if (missing_queries++ == 0)
        first_query = std::string(name);
    });
  }
  if (files.empty())
    throw Error(ErrorCode::kData, "[protocol] " + input.truth.string() + " must hold *_query.txt files, but has none");
  note_missing(plan, missing_queries, static_cast<int64_t>(files.size()), first_query, "queries");
  if (missing > 0)
    plan.notes.push_back(std::to_string(missing) + " listed pictures were not embedded, the first '" + shown(first) +
                         "'");
  plan.notes.push_back("the query's own picture stays in the database as a positive, as in the original protocol");
  plan.tasks.push_back(std::move(task));
  return plan;
}

ProtocolPlan plan_holidays(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  for (size_t row = 0; row < input.gallery.paths.size(); ++row) {
    const int64_t number = trailing_number(input.gallery.paths[row]);
    task.gallery.push_back(static_cast<int64_t>(row));
    task.gallery_labels.push_back(number < 0 ? -1 : number / 100);
  }
  for (size_t row = 0; row < input.queries.paths.size(); ++row) {
    const int64_t number = trailing_number(input.queries.paths[row]);
    if (number < 0 || number % 100 != 0) continue;
    task.queries.push_back(static_cast<int64_t>(row));
    task.query_labels.push_back(number / 100);
  }
  plan.tasks.push_back(std::move(task));
  return plan;
}

ProtocolPlan plan_ukbench(const ProtocolInput& input) {
  ProtocolPlan plan;
  RetrievalTask task;
  for (const bool query : {true, false}) {
    const auto& paths = query ? input.queries.paths : input.gallery.paths;
    for (size_t row = 0; row < paths.size(); ++row) {
      const int64_t number = trailing_number(paths[row]);
      (query ? task.queries : task.gallery).push_back(static_cast<int64_t>(row));
      (query ? task.query_labels : task.gallery_labels).push_back(number < 0 ? -1 : number / 4);
    }
  }
  plan.tasks.push_back(std::move(task));
  return plan;
}

ProtocolPlan plan_gldv2(const ProtocolInput& input) {
  // Row by row: the file may list any number of pictures that were not embedded.
  CsvStream csv(input.truth);
  const auto id = static_cast<size_t>(csv.columns().require_column("id")),
             images = static_cast<size_t>(csv.columns().require_column("images")),
             usage = static_cast<size_t>(csv.columns().require_column("Usage"));
  ProtocolPlan plan;
  ItemFinder query_finder(input.queries.paths, false), gallery_finder(input.gallery.paths, false);
  std::map<std::string, RetrievalTask> tasks;
  std::vector<char> seen(input.queries.paths.size());
  int64_t missing = 0, listed = 0, missing_positives = 0;
  std::string first;
  for (std::vector<std::string> row; csv.next(row);) {
    if (row[usage] == "Ignored") continue;
    if (row[usage] != "Public" && row[usage] != "Private")
      fail_line(input.truth, csv.line(), "Usage must be Public, Private or Ignored, given '" + row[usage] + "'");
    ++listed;
    const int64_t query = query_finder.find(row[id]);
    if (query < 0) {
      if (missing++ == 0) first = row[id];
      continue;
    }
    if (seen[static_cast<size_t>(query)]++) fail_line(input.truth, csv.line(), "'" + row[id] + "' is listed twice");
    ListTruth::Lists lists;
    for (const auto& name : split(row[images], ' ')) {
      if (name.empty()) continue;
      const int64_t positive = gallery_finder.find(name);
      if (positive >= 0)
        lists.positive.push_back(positive);
      else
        ++missing_positives;
    }
    add_list(tasks[lower(row[usage])], query, std::move(lists));
  }
  note_missing(plan, missing, listed, first, "queries");
  if (missing_positives > 0) plan.notes.push_back(std::to_string(missing_positives) + " positives were not embedded");
  for (auto& [name, task] : tasks) {
    task.name = name;
    task.gallery = all_rows(input.gallery.paths.size());
    plan.tasks.push_back(std::move(task));
  }
  return plan;
}

}  // namespace winnow
