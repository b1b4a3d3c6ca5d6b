#include "src/workflow/query_text.h"

#include <nlohmann/json.hpp>
#include <span>

#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/image/codec.h"
#include "src/report/html.h"
#include "src/workflow/pictures.h"

namespace winnow {
namespace {

nlohmann::ordered_json hit_document(const QueryHit& h) {
  nlohmann::ordered_json j = {{"rank", h.rank},
                              {"id", h.id},
                              {"score", h.score},
                              {"path", to_valid_utf8(h.path)},
                              {"label", to_valid_utf8(h.label)}};
  if (!h.word.empty()) j["word"] = h.word;
  if (!h.duplicates.empty()) j["duplicates"] = h.duplicates;
  return j;
}

}  // namespace

nlohmann::ordered_json query_json(const std::vector<QueryAnswer>& answers) {
  nlohmann::ordered_json j = {{"queries", nlohmann::json::array()}};
  for (const auto& a : answers) {
    nlohmann::ordered_json q = {{"source", to_valid_utf8(a.source)}, {"hits", nlohmann::json::array()}};
    if (!a.plan.empty()) q["plan"] = a.plan;
    if (!a.verdict.empty()) q["verdict"] = a.verdict;
    for (const auto& h : a.hits) q["hits"].push_back(hit_document(h));
    j["queries"].push_back(q);
  }
  return j;
}

std::string query_text(const std::vector<QueryAnswer>& answers) {
  std::string text;
  for (const auto& a : answers) {
    Table table({"rank", "score", "", "id", "label", "path"});
    for (const auto& h : a.hits)
      table.add({std::to_string(h.rank), format_number(h.score, 4),
                 h.word + (h.duplicates.empty() ? "" : " +" + std::to_string(h.duplicates.size()) + " the same"),
                 std::to_string(h.id), h.label, h.path});
    text += a.source + (a.verdict.empty() ? "" : "   " + a.verdict) + (a.plan.empty() ? "" : "   [" + a.plan + "]") +
            "\n" + (a.hits.empty() ? "no hit\n" : table.text());
  }
  return text;
}

void write_query_page(const fs::path& file, const Index& index, const std::vector<QueryAnswer>& answers) {
  const PictureFinder pictures(index.info().data);
  std::vector<SheetRow> rows;
  for (const auto& a : answers) {
    SheetRow row{a.source, {}};
    std::error_code ignored;
    if (fs::exists(a.source, ignored)) {
      const std::string bytes = read_file(a.source);
      const Image picture = decode_image(std::as_bytes(std::span(bytes)), a.source);
      row.images.push_back({thumbnail_data_uri(picture, 160), "query", "query", "query picture"});
    }
    for (const auto& h : a.hits)
      row.images.push_back(
          {pictures.thumbnail(h.path, 160), "plain", format_number(h.score, 3) + "  " + h.label, h.path});
    rows.push_back(std::move(row));
  }
  HtmlPage page("winnow query");
  page.lead({std::to_string(answers.size()) + " queries against " + std::to_string(index.size()) +
             " items; scores are cosines, higher is better."});
  page.raw(contact_sheet(rows));
  page.write(file);
}

}  // namespace winnow
