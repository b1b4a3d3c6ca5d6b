#include "src/report/face_charts.h"

#include <algorithm>

#include "src/core/tables.h"
#include "src/report/face_report.h"
#include "src/report/html.h"

namespace winnow {
namespace {

/// The ROC from the smallest FAR that can be told from none; what is accepted without any false accept stands there.
std::vector<RocPoint> positive_points(const VerificationScores& scores) {
  const double least = 1.0 / static_cast<double>(scores.impostors);
  std::vector<RocPoint> out = {{least, 0, 0}};
  for (const auto& p : roc_outline(scores)) {
    if (p.far <= least)
      out.front().tar = std::max(out.front().tar, p.tar);
    else
      out.push_back(p);
  }
  return out;
}

std::string number_list(const std::vector<int64_t>& values) {
  std::string out = "[";
  for (size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(values[i]);
  return out + "]";
}

}  // namespace

std::string roc_chart(const VerificationScores& scores) {
  Series series{"this run", {}};
  double low = 1;
  for (const auto& p : positive_points(scores)) {
    series.points.emplace_back(p.far, p.tar);
    low = std::min(low, p.tar);
  }
  return line_chart({series}, {"ROC", "FAR (log)", "TAR", true, low > 0.5 ? 0.5 : 0, 1});
}

std::string det_chart(const VerificationScores& scores) {
  Series series{"this run", {}};
  for (const auto& p : positive_points(scores)) series.points.emplace_back(p.far, 1 - p.tar);
  return line_chart({series}, {"DET", "FAR (log)", "share of genuine pairs refused", true});
}

std::string open_set_chart(const OpenSetSearch& search) {
  const double least = 1.0 / static_cast<double>(search.nonmated_top.size());
  Series series{"rank 1", {}};
  for (const auto& [fpir, fnir] : det_points(search, 1)) series.points.emplace_back(std::max(fpir, least / 2), fnir);
  return line_chart({series}, {"DET, 1:N", "FPIR (log)", "FNIR", true});
}

std::string cmc_chart(const std::vector<double>& cmc) {
  Series series{"this run", {}};
  for (size_t k = 0; k < cmc.size(); ++k) series.points.emplace_back(static_cast<double>(k + 1), cmc[k]);
  return line_chart({series}, {"CMC", "rank k", "mate among the first k"});
}

std::string threshold_slider(const std::vector<int64_t>& genuine, const std::vector<int64_t>& impostor, double start) {
  std::string out =
      histogram_chart(genuine, impostor, -1, 1, {"Scores of genuine and impostor pairs", "cosine", "share of pairs"});
  // The sentence stands without the script; moving the slider needs it.
  int64_t all[2] = {0, 0}, over[2] = {0, 0};
  for (size_t i = 0; i < 100; ++i) {
    const bool above = -1 + 0.02 * static_cast<double>(i) >= start;
    all[0] += genuine[i];
    all[1] += impostor[i];
    over[0] += above ? genuine[i] : 0;
    over[1] += above ? impostor[i] : 0;
  }
  const auto share = [&](int side) {
    return format_number(100 * static_cast<double>(over[side]) / static_cast<double>(std::max<int64_t>(1, all[side])),
                         3);
  };
  out += "<p><label>threshold <input type=\"range\" id=\"face-t\" min=\"-1\" max=\"1\" step=\"0.02\" value=\"" +
         format_number(start, 2) + "\" style=\"width:60%\"></label> <output id=\"face-o\">at " +
         format_number(start, 2) + ": TAR " + share(0) + " %, FAR " + share(1) +
         " %</output> (to the bins of the histogram)</p>\n";
  out += "<script>(function(){var g=" + number_list(genuine) + ",f=" + number_list(impostor) +
         ",s=document.getElementById('face-t'),o=document.getElementById('face-o');"
         "function r(h,t){var a=0,b=0;for(var i=0;i<100;i++){a+=h[i];if(-1+.02*i>=t-1e-9)b+=h[i];}return "
         "(100*b/a).toFixed(3);}"
         "s.addEventListener('input',function(){var t=+s.value;o.textContent='at '+t.toFixed(2)+': TAR '+r(g,t)+' %, "
         "FAR '+"
         "r(f,t)+' %';});})();</script>\n";
  return out;
}

}  // namespace winnow
