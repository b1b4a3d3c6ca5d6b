#include "src/report/review_page.h"

#include <fmt/format.h>

#include "src/core/text.h"
#include "src/report/html.h"
#include "src/report/review_script.h"

namespace winnow {
namespace {

std::string text(const std::string& value) { return escape_html(to_valid_utf8(value)); }

std::string picture(const std::string& uri, const std::string& alt, int side) {
  if (uri.empty())
    return fmt::format("<span class=\"rv-none\" style=\"width:{0}px;height:{0}px\">no picture</span>", side);
  return fmt::format("<img loading=\"lazy\" src=\"{}\" alt=\"{}\" style=\"max-width:{}px;max-height:{}px\">", uri,
                     text(alt), side, side);
}

std::string strip(const std::string& title, const std::vector<ReviewImage>& images) {
  if (images.empty()) return "";
  std::string out = "<div class=\"rv-strip\"><span>" + text(title) + "</span>";
  for (const auto& image : images)
    out += picture(image.data_uri, "row " + std::to_string(image.row) + ", " + image.label, 72);
  return out + "</div>";
}

std::string card(const ReviewItem& item, bool blind) {
  std::string out = fmt::format(
      "<article class=\"rv\" tabindex=\"-1\" data-row=\"{}\" data-path=\"{}\" data-label=\"{}\" data-suggested=\"{}\" "
      "data-expected=\"{:.4f}\">",
      item.row, text(item.path), text(item.label), text(item.suggested), blind ? 0.0 : item.expected);
  out += "<div class=\"rv-pic\">" + picture(item.data_uri, "row " + std::to_string(item.row) + ", " + item.label, 192) +
         "</div><div class=\"rv-say\">";
  out += "<p class=\"rv-labels\"><b>" + text(item.label) + "</b>";
  if (!item.suggested.empty() && !blind)
    out += " <span aria-label=\"suggested\">&rarr;</span> <b class=\"rv-new\">" + text(item.suggested) + "</b>";
  out += "</p>";
  if (!blind) {
    out += "<p>" + text(item.reason) + "</p><p class=\"rv-small\">" +
           fmt::format("row {} &middot; score {:.3f} &middot; suggestion {:.0f} % sure", item.row, item.score,
                       100 * item.confidence);
    if (!item.kind.empty()) out += " &middot; " + text(item.kind);
    out += " &middot; " + text(item.path) + "</p>";
    out += strip("nearest " + item.label, item.given) + strip("nearest " + item.suggested, item.other);
  } else {
    out += fmt::format("<p class=\"rv-small\">row {}</p>", item.row);
  }
  out += "<p class=\"rv-keys\">";
  for (const auto& [key, word] :
       {std::pair{"k", blind ? "right" : "keep"}, {"r", blind ? "wrong" : "relabel"}, {"d", "drop"}, {"u", "unsure"}})
    if (!blind || *key != 'd')
      out += fmt::format("<button type=\"button\" data-key=\"{}\"><kbd>{}</kbd> {}</button>", key, key, word);
  if (!blind)
    out += "<input class=\"rv-other\" list=\"rv-labels\" placeholder=\"another label\" aria-label=\"another label\">";
  return out + "<output class=\"rv-done\"></output></p></div></article>\n";
}

}  // namespace

void write_review_page(const fs::path& file, const ReviewPage& page) {
  HtmlPage html(page.title);
  html.lead(page.lead);
  html.heading(page.blind ? "Is the label right?" : "Review");
  std::string body = "<style>" + std::string(review_css()) + "</style>";
  body += fmt::format(
      "<div class=\"rv-bar\" data-key=\"{}\" data-blind=\"{}\"><span id=\"rv-progress\">{} rows</span>"
      "<progress id=\"rv-meter\" max=\"{}\" value=\"0\"></progress><span id=\"rv-yield\"></span>"
      "<button type=\"button\" data-key=\"z\"><kbd>z</kbd> undo</button>"
      "<button type=\"button\" id=\"rv-export\">Save decisions (CSV)</button></div>",
      text(page.key), page.blind ? 1 : 0, page.items.size(), page.items.size());
  body += "<datalist id=\"rv-labels\">";
  for (const auto& label : page.labels) body += "<option value=\"" + text(label) + "\">";
  body += "</datalist>";
  for (const auto& item : page.items) body += card(item, page.blind);
  body += "<script>" + std::string(review_script()) + "</script>";
  html.raw(body);
  html.write(file);
}

}  // namespace winnow
