#include "src/report/threshold_slider.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/core/tables.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

constexpr double kStep = 0.005;

std::string number_list(const std::vector<int64_t>& values) {
  std::string out = "[";
  for (size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(values[i]);
  return out + "]";
}

double total(const std::vector<int64_t>& bins) {
  return static_cast<double>(std::accumulate(bins.begin(), bins.end(), int64_t{0}));
}

/// Scores at or above t; page_script's `over` is the same formula.
double over(const std::vector<int64_t>& bins, double t) {
  const auto n = static_cast<double>(bins.size());
  const double place = std::clamp((t + 1) / 2 * n, 0.0, n), whole = std::floor(place + 1e-6);
  const auto b = static_cast<size_t>(whole);
  double out = 0;
  for (size_t i = b + 1; i < bins.size(); ++i) out += static_cast<double>(bins[i]);
  if (b < bins.size()) out += static_cast<double>(bins[b]) * std::min(1.0, 1 - (place - whole));
  return out;
}

std::string percent(double part, double whole, int digits = 3) {
  return whole == 0 ? "none" : format_number(100 * part / whole, digits) + " %";
}

std::string sentence(const SliderLine& line, double t) {
  const double a = over(line.first, t), b = over(line.second, t), all_a = total(line.first), all_b = total(line.second);
  if (line.says == SliderLine::Says::kRates)
    return line.lead + ": " + line.first_name + " " + percent(a, all_a) + ", " + line.second_name + " " +
           percent(b, all_b);
  return line.lead + ": precision " + percent(a, a + b, 1) + ", recall " + percent(a, all_a, 1) + ", " +
         format_number(a + b, 0) + " of " + format_number(all_a + all_b, 0) + " accepted";
}

/// The least and greatest place of the slider: where there are scores.
std::pair<double, double> range_of(const std::vector<SliderLine>& lines) {
  double low = 1, high = -1;
  for (const auto& line : lines)
    for (const auto* bins : {&line.first, &line.second})
      for (size_t b = 0; b < bins->size(); ++b)
        if ((*bins)[b] > 0) {
          const double width = 2.0 / static_cast<double>(bins->size());
          low = std::min(low, -1 + width * static_cast<double>(b));
          high = std::max(high, -1 + width * static_cast<double>(b + 1));
        }
  return low < high ? std::pair(low, high) : std::pair(-1.0, 1.0);
}

constexpr const char* kScript = R"js((function(id,lines){
var box=document.getElementById(id),range=box.querySelector('input'),place=box.querySelector('output'),
mark=box.querySelector('.mark'),says=box.querySelectorAll('li.says');
function sum(h){return h.reduce(function(a,b){return a+b},0)}
function over(h,t){var n=h.length,p=Math.min(n,Math.max(0,(t+1)/2*n)),b=Math.floor(p+1e-6),s=0;
for(var i=b+1;i<n;i++)s+=h[i];return b<n?s+h[b]*Math.min(1,1-(p-b)):s}
function percent(a,n,d){return n===0?'none':(100*a/n).toFixed(d)+' %'}
function move(){var t=+range.value;place.textContent=t.toFixed(3);
lines.forEach(function(l,i){var a=over(l.a,t),b=over(l.b,t),p=sum(l.a),q=sum(l.b);
says[i].textContent=l.d?l.lead+': precision '+percent(a,a+b,1)+', recall '+percent(a,p,1)+', '+(a+b).toFixed(0)+' of '+(p+q)+' accepted'
:l.lead+': '+l.names[0]+' '+percent(a,p,3)+', '+l.names[1]+' '+percent(b,q,3)});
if(mark){var d=mark.dataset,x=+d.left+(t-d.low)/(d.high-d.low)*(d.right-d.left);
x=Math.min(+d.right,Math.max(+d.left,x));mark.setAttribute('x1',x);mark.setAttribute('x2',x)}}
range.addEventListener('input',move)}))js";

}  // namespace

std::vector<int64_t> score_bins(std::span<const double> scores, size_t bins) {
  std::vector<int64_t> out(bins);
  const auto n = static_cast<double>(bins);
  // A hair of slack: a score that is a bin's edge belongs to that bin, whatever the product rounds to.
  for (const double s : scores) ++out[static_cast<size_t>(std::clamp(std::floor((s + 1) / 2 * n + 1e-9), 0.0, n - 1))];
  return out;
}

std::string threshold_slider(const std::string& id, const std::string& figure, double start,
                             const std::vector<SliderLine>& lines, const std::string& origin) {
  const auto [low, high] = range_of(lines);
  const double t = std::clamp(std::round(start / kStep) * kStep, low, high);
  std::string out = "<div class=\"slider\" id=\"" + id + "\">" + figure + "<p><label>threshold " +
                    (origin.empty() ? "" : "(starts at " + html_text(origin) + ") ") + "<input type=\"range\" min=\"" +
                    format_number(low, 3) + "\" max=\"" + format_number(high, 3) + "\" step=\"0.005\" value=\"" +
                    format_number(t, 3) + "\"></label> <output>" + format_number(t, 3) + "</output></p><ul>";
  std::string data;
  for (const auto& line : lines) {
    out += "<li class=\"says\">" + html_text(sentence(line, t)) + "</li>";
    data += std::string(data.empty() ? "" : ",") + "{lead:'" + line.lead + "',names:['" + line.first_name + "','" +
            line.second_name + "'],d:" + (line.says == SliderLine::Says::kDecisions ? "1" : "0") +
            ",a:" + number_list(line.first) + ",b:" + number_list(line.second) + "}";
  }
  return out + "</ul></div>\n<script>" + kScript + "('" + id + "',[" + data + "]);</script>\n";
}

}  // namespace winnow
