#include "src/workflow/noise_source.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/text.h"
#include "src/workflow/noise_records.h"
#include "src/workflow/noise_rows.h"

namespace winnow {
namespace {

std::vector<std::string> read_names(const std::string& file) {
  std::vector<std::string> out;
  for (const auto& line : split(read_file(file, 1 << 28), '\n'))
    if (!trim(line).empty()) out.emplace_back(trim(line));
  return out;
}

// Whole numbers below C are columns; names are columns in bytewise order when there are as many as columns.
std::vector<std::string> column_names(const std::vector<std::string>& texts, int64_t classes,
                                      const NoiseRequest& request) {
  if (!request.names.empty()) {
    auto names = read_names(request.names);
    if (static_cast<int64_t>(names.size()) != classes)
      throw Error(ErrorCode::kData, request.names + ": " + std::to_string(classes) +
                                        " names are required (one a column of " + request.probs + "), got " +
                                        std::to_string(names.size()));
    return names;
  }
  const auto is_number = [&](const std::string& text) { return parse_int(text).has_value(); };
  if (std::all_of(texts.begin(), texts.end(), is_number)) {
    std::vector<std::string> names;
    for (int64_t k = 0; k < classes; ++k) names.push_back(std::to_string(k));
    return names;
  }
  auto names = sorted_names(texts);
  if (static_cast<int64_t>(names.size()) != classes)
    throw Error(ErrorCode::kData, request.labels + ": " + std::to_string(names.size()) + " different labels for " +
                                      std::to_string(classes) + " columns of " + request.probs +
                                      "; --names FILE says which column is which class");
  return names;
}

void read_probabilities(const NoiseRequest& request, NoiseSource& source) {
  source.probabilities_file = std::make_shared<NpyFile>(request.probs);
  const NpyFile& file = *source.probabilities_file;
  if (file.shape().size() != 2)
    throw Error(ErrorCode::kShape, request.probs + ": two axes are required (rows and classes), got " +
                                       std::to_string(file.shape().size()));
  std::span<const float> values;
  if (file.dtype() == "<f8") {
    const auto* wide = reinterpret_cast<const double*>(file.raw().data());
    source.converted.assign(wide, wide + file.shape()[0] * file.shape()[1]);
    values = source.converted;
  } else {
    values = file.float32();
  }
  source.probabilities = {values, file.shape()[0], file.shape()[1]};
}

void read_votes(const NoiseRequest& request, const Csv& csv, NoiseSource& source) {
  const LabelTable table(source.names);
  for (const auto& column : request.votes) {
    std::vector<int64_t> answers;
    const auto texts = column_texts(csv, column);
    for (size_t i = 0; i < texts.size(); ++i)
      answers.push_back(texts[i].empty() ? -1 : table.find(texts[i], csv.source + ":" + std::to_string(csv.lines[i])));
    source.answers.push_back(std::move(answers));
  }
}

NoiseSource from_table(const NoiseRequest& request) {
  if (request.labels.empty()) throw Error(ErrorCode::kUsage, "--probs needs --labels CSV");
  NoiseSource source;
  if (!request.probs.empty()) read_probabilities(request, source);
  const Csv csv = read_csv(request.labels);
  const auto texts = column_texts(csv, request.label_column.empty() ? "label" : request.label_column);
  if (!request.probs.empty() && static_cast<int64_t>(texts.size()) != source.probabilities.rows)
    throw Error(ErrorCode::kShape, request.labels + ": " + std::to_string(source.probabilities.rows) +
                                       " rows are required (" + request.probs + "), got " +
                                       std::to_string(texts.size()));
  auto every = texts;
  for (const auto& column : request.votes) {
    const auto more = column_texts(csv, column);
    every.insert(every.end(), more.begin(), more.end());
  }
  source.names =
      request.probs.empty() ? sorted_names(every) : column_names(texts, source.probabilities.classes, request);
  const LabelTable table(source.names);
  for (size_t i = 0; i < texts.size(); ++i)
    source.labels.push_back(table.find(texts[i], csv.source + ":" + std::to_string(csv.lines[i])));
  read_rows(csv, source);
  read_votes(request, csv, source);
  return source;
}

const std::string& label_of(const EmbeddedItem& item, int column) {
  return column < 0 ? item.label : item.extra[static_cast<size_t>(column)];
}

NoiseSource from_embeddings(const fs::path& folder, const NoiseRequest& request) {
  const Embeddings embeddings = Embeddings::open(folder);
  NoiseSource source;
  int column = -1;
  if (!request.label_column.empty() && request.label_column != "label") {
    const auto& extra = embeddings.info().extra_columns;
    const auto at = std::find(extra.begin(), extra.end(), request.label_column);
    if (at == extra.end())
      throw Error(ErrorCode::kData,
                  folder.string() + ": no column '" + request.label_column + "'; columns: label, " + join(extra, ", "));
    column = static_cast<int>(at - extra.begin());
  }
  std::vector<std::string> texts;
  for (const auto& item : embeddings.items()) texts.push_back(label_of(item, column));
  source.names = sorted_names(texts);
  const LabelTable table(source.names);
  source.dim = embeddings.dim();
  for (int64_t i = 0; i < embeddings.rows(); ++i) {
    const auto& item = embeddings.items()[static_cast<size_t>(i)];
    if (texts[static_cast<size_t>(i)].empty()) {
      ++source.unlabelled;
      continue;
    }
    source.labels.push_back(table.find(texts[static_cast<size_t>(i)], folder.string()));
    source.rows.rows.push_back(item.id);
    source.rows.paths.push_back(item.path);
    const auto vector = embeddings.vector(i);
    source.vectors.insert(source.vectors.end(), vector.begin(), vector.end());
  }
  if (source.labels.empty()) throw Error(ErrorCode::kData, folder.string() + ": no row has a label");
  source.pictures = embeddings.info().data;
  return source;
}

NoiseSource from_run(const fs::path& run, const NoiseRequest& request) {
  NoiseSource source;
  if (fs::exists(run / "embeddings" / "card.json")) source = from_embeddings(run / "embeddings", request);
  if (fs::exists(run / "trust.csv")) read_trust(run / "trust.csv", source);
  if (fs::exists(run / "dynamics.csv")) read_dynamics(run / "dynamics.csv", source);
  if (source.labels.empty())
    throw Error(ErrorCode::kNotFound, "[noise] " + run.string() +
                                          " has neither trust.csv nor dynamics.csv nor embeddings/; `winnow embed DATA "
                                          "--model " +
                                          (run / "model").string() + " --out " + (run / "embeddings").string() +
                                          "` makes the last");
  return source;
}

}  // namespace

NoiseSource open_noise_source(const NoiseRequest& request) {
  if (!request.probs.empty() || (request.target.empty() && !request.votes.empty())) {
    if (!request.target.empty()) throw Error(ErrorCode::kUsage, "either a folder or --probs is expected, got both");
    return from_table(request);
  }
  if (request.target.empty())
    throw Error(ErrorCode::kUsage, "a run folder, an embeddings folder or --probs P.npy --labels L.csv is required");
  const fs::path folder(request.target);
  if (fs::exists(folder / "vectors.npy")) return from_embeddings(folder, request);
  if (!fs::is_directory(folder)) throw Error(ErrorCode::kNotFound, "[noise] no such folder: " + request.target);
  return from_run(folder, request);
}

}  // namespace winnow
