#include "src/report/html.h"

#include <span>

#include "src/core/base64.h"
#include "src/core/text.h"
#include "src/report/page_style.h"
#include "src/report/table.h"
#include "src/report/text_format.h"

namespace winnow {

HtmlPage::HtmlPage(std::string title) : title_(std::move(title)) {}

void HtmlPage::lead(const std::vector<std::string>& sentences) {
  first_screen_ += "<section class=\"lead\" aria-label=\"Summary\">";
  for (const auto& s : sentences) first_screen_ += "<p>" + html_text(s) + "</p>";
  first_screen_ += "</section>\n";
}

void HtmlPage::cards(const std::vector<Card>& cards) {
  std::string& out = sections_.empty() ? first_screen_ : body_;
  out += "<dl class=\"cards\">";
  for (const auto& c : cards) {
    out += "<div class=\"card\"><dt>" + html_text(c.label) + "</dt><dd class=\"value\">" + html_text(c.value) + "</dd>";
    if (!c.note.empty()) out += "<dd class=\"note\">" + html_text(c.note) + "</dd>";
    out += "</div>";
  }
  out += "</dl>\n";
}

void HtmlPage::heading(const std::string& text) {
  sections_.push_back(text);
  body_ += "<h2 id=\"s" + std::to_string(sections_.size()) + "\">" + html_text(text) + "</h2>\n";
}

void HtmlPage::paragraph(const std::string& text) { body_ += "<p>" + html_text(text) + "</p>\n"; }

void HtmlPage::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                     const std::string& caption, size_t shown) {
  if (!caption.empty()) {
    const std::string csv = table_csv(header, rows);
    body_ += "<p class=\"above\">" + html_text(caption) + " <a download=\"" + file_name_of(caption) +
             ".csv\" href=\"data:text/csv;charset=utf-8;base64," + encode_base64(std::as_bytes(std::span(csv))) +
             "\">CSV</a></p>\n";
  }
  body_ += table_markup(header, rows, caption, shown);
  if (rows.size() > shown)
    paragraph("Shown are the first " + format_count(static_cast<int64_t>(shown)) + " of " +
              format_count(static_cast<int64_t>(rows.size())) + " rows; the CSV has them all.");
}

void HtmlPage::raw(const std::string& markup) { body_ += markup; }

void HtmlPage::figures(const std::vector<std::string>& markup) {
  body_ += "<div class=\"figures\">";
  for (const auto& m : markup) body_ += m;
  body_ += "</div>\n";
}

void HtmlPage::details(const std::string& summary, const std::string& text) {
  body_ += "<details><summary>" + html_text(summary) + "</summary><pre>" + html_text(text) + "</pre></details>\n";
}

void HtmlPage::facts(const std::vector<Fact>& facts) {
  body_ += "<dl class=\"facts\">";
  for (const auto& f : facts) body_ += "<dt>" + html_text(f.name) + "</dt><dd>" + html_text(f.value) + "</dd>";
  body_ += "</dl>\n";
}

std::string HtmlPage::html() const {
  const std::string title = html_text(title_);
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      // The page proves that it needs nothing from outside: the browser would refuse it.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'\"><link rel=\"icon\" href=\"data:,\"><title>" +
      title + "</title>\n<style>" + std::string(page_css()) +
      "</style></head>\n<body><header><p class=\"brand\">winnow" + "</p><h1>" + title + "</h1></header>\n<main>" +
      first_screen_;
  if (sections_.size() > 1) {
    out += "<nav aria-label=\"Sections\">";
    for (size_t i = 0; i < sections_.size(); ++i)
      out += "<a href=\"#s" + std::to_string(i + 1) + "\">" + html_text(sections_[i]) + "</a>";
    out += "</nav>\n";
  }
  return out + body_ + "</main>\n<footer>Made by winnow " WINNOW_VERSION ". One file, no network.</footer>\n<script>" +
         std::string(page_script()) + "</script></body></html>\n";
}

void HtmlPage::write(const fs::path& file) const { write_file_atomically(file, html()); }

}  // namespace winnow
