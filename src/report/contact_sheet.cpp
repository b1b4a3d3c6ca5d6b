#include <algorithm>

#include "src/core/error.h"
#include "src/report/html.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

/// The word or sign that says the same as the colour.
std::string sign_of(const std::string& frame) {
  if (frame == "query") return "query";
  if (frame == "right") return "\u2713";
  if (frame == "wrong") return "\u2717";
  if (frame == "missed") return "missed";
  if (frame == "plain") return "";
  throw Error(ErrorCode::kInternal, "[sheet] a frame is query, right, wrong, missed or plain, given '" + frame + "'");
}

std::string picture(const SheetImage& image) {
  const std::string sign = sign_of(image.frame);
  std::string out = "<figure class=\"pic " + image.frame + "\"><div class=\"frame\">";
  out += image.data_uri.empty() ? "<span class=\"none\">picture not found</span>"
                                : "<img src=\"" + html_text(image.data_uri) + "\" alt=\"" + html_text(image.alt) +
                                      "\" decoding=\"async\">";
  if (!sign.empty()) out += "<b>" + sign + "</b>";
  out += "</div>";
  if (!image.caption.empty())
    out += "<figcaption title=\"" + html_text(image.caption) + "\">" + html_text(image.caption) + "</figcaption>";
  return out + "</figure>";
}

}  // namespace

std::string contact_sheet(const std::vector<SheetRow>& rows) {
  std::string out = "<div class=\"sheet\">";
  for (const auto& row : rows) {
    out += "<div class=\"strip\">";
    if (!row.title.empty()) out += "<p>" + html_text(row.title) + "</p>";
    const auto queries = std::count_if(row.images.begin(), row.images.end(),
                                       [](const SheetImage& image) { return image.frame == "query"; });
    out += queries > 1 ? "<div class=\"pics pairs\">" : "<div class=\"pics\">";
    for (const auto& image : row.images) out += picture(image);
    out += "</div></div>\n";
  }
  return out + "</div>\n";
}

}  // namespace winnow
