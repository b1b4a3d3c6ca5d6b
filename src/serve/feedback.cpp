#include "src/serve/feedback.h"

#include "src/core/clock.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

const std::vector<std::string> kColumns{"row",   "path",  "label",      "decision", "new_label",
                                        "score", "query", "request_id", "time"};

}  // namespace

FeedbackFile::FeedbackFile(fs::path file) : file_(std::move(file)) {
  if (!fs::exists(file_)) return;
  const Csv csv = read_csv(file_);
  if (csv.header != kColumns)
    throw Error(ErrorCode::kData, "[feedback] columns " + join(kColumns, ",") + " are required, " + file_.string() +
                                      " has " + join(csv.header, ","));
  for (size_t i = 0; i < csv.rows.size(); ++i) {
    const auto row = parse_int(csv.rows[i][0]);
    if (!row)
      throw Error(ErrorCode::kData, "[feedback] " + file_.string() + ":" + std::to_string(csv.lines[i]) +
                                        ": a row number is required, got '" + csv.rows[i][0] + "'");
    lines_[*row] = csv_line(csv.rows[i]);
  }
}

void FeedbackFile::put(const Feedback& f) {
  const std::lock_guard guard(mutex_);
  auto lines = lines_;
  lines[f.row] = csv_line({std::to_string(f.row), f.path, f.label, f.decision, f.new_label, std::to_string(f.score),
                           f.query, f.request_id, utc_now()});
  std::string text = csv_line(kColumns);
  for (const auto& [row, line] : lines) text += line;
  write_file_atomically(file_, text);
  lines_.swap(lines);
}

size_t FeedbackFile::size() const {
  const std::lock_guard guard(mutex_);
  return lines_.size();
}

}  // namespace winnow
