#include "src/workflow/noise_source.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/text.h"

namespace winnow {
namespace {

/// Class numbers of label texts over a table of names.
class LabelTable {
 public:
  explicit LabelTable(std::vector<std::string> names) : names_(std::move(names)) {
    for (size_t k = 0; k < names_.size(); ++k)
      if (!index_.emplace(names_[k], static_cast<int64_t>(k)).second)
        throw Error(ErrorCode::kData, "[labels] the class '" + names_[k] + "' is named twice");
  }
  int64_t find(const std::string& text, const std::string& where) const {
    const auto at = index_.find(text);
    if (at != index_.end()) return at->second;
    const auto near = nearest_name(text, names_);
    throw Error(ErrorCode::kData,
                where + ": unknown label '" + text + "'" + (near ? " (did you mean '" + *near + "'?)" : ""));
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, int64_t> index_;
};

std::vector<std::string> sorted_names(const std::vector<std::string>& texts) {
  std::set<std::string> unique(texts.begin(), texts.end());
  unique.erase("");
  return {unique.begin(), unique.end()};
}

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

std::vector<std::string> column_texts(const Csv& csv, const std::string& name) {
  const auto at = static_cast<size_t>(csv.require_column(name));
  std::vector<std::string> out;
  for (const auto& row : csv.rows) out.push_back(row[at]);
  return out;
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

void read_rows(const Csv& csv, NoiseSource& source) {
  const int row = csv.column("row"), path = csv.column("path");
  std::set<int64_t> seen;
  for (size_t i = 0; i < csv.rows.size(); ++i) {
    const std::string where = csv.source + ":" + std::to_string(csv.lines[i]);
    int64_t number = static_cast<int64_t>(i);
    if (row >= 0) {
      const auto value = parse_int(csv.rows[i][static_cast<size_t>(row)]);
      if (!value || *value < 0)
        throw Error(ErrorCode::kData,
                    where + ": a row number is required, got '" + csv.rows[i][static_cast<size_t>(row)] + "'");
      number = *value;
    }
    if (!seen.insert(number).second)
      throw Error(ErrorCode::kData, where + ": row " + std::to_string(number) + " is there twice");
    source.rows.rows.push_back(number);
    source.rows.paths.push_back(path >= 0 ? csv.rows[i][static_cast<size_t>(path)] : "");
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

/// A file that training writes beside its model: row,path,label and what it knows of the row.
struct RunTable {
  Csv csv;
  std::vector<std::optional<size_t>> at;  ///< by line: position in the source; nothing for a row that it has not

  /// Takes labels and rows from the file where the source has none yet.
  RunTable(const fs::path& file, NoiseSource& source) : csv(read_csv(file)), at(csv.rows.size()) {
    const auto row = static_cast<size_t>(csv.require_column("row")),
               label = static_cast<size_t>(csv.require_column("label"));
    if (source.labels.empty()) {
      source.names = sorted_names(column_texts(csv, "label"));
      read_rows(csv, source);
      const LabelTable table(source.names);
      for (const auto& fields : csv.rows) source.labels.push_back(table.find(fields[label], csv.source));
    }
    std::map<int64_t, size_t> position;
    for (size_t i = 0; i < source.rows.rows.size(); ++i) position[source.rows.rows[i]] = i;
    for (size_t i = 0; i < csv.rows.size(); ++i) {
      const auto number = parse_int(csv.rows[i][row]);
      if (!number) throw Error(ErrorCode::kData, where(i) + "a row number is required, got '" + csv.rows[i][row] + "'");
      if (const auto found = position.find(*number); found != position.end()) at[i] = found->second;
    }
  }
  std::string where(size_t line) const { return csv.source + ":" + std::to_string(csv.lines[line]) + ": "; }
  /// NaN for an empty field.
  float share(size_t line, size_t column) const {
    const std::string& text = csv.rows[line][column];
    if (text.empty()) return std::nanf("");
    const auto value = parse_double(text);
    if (!value || *value < 0 || *value > 1.0001)
      throw Error(ErrorCode::kData, where(line) + csv.header[column] + " in 0..1 is required, got '" + text + "'");
    return static_cast<float>(std::min(*value, 1.0));
  }
};

// trust.csv: row,path,label,trust,score[,rate]
void read_trust(const fs::path& file, NoiseSource& source) {
  const RunTable table(file, source);
  const auto trust = static_cast<size_t>(table.csv.require_column("trust"));
  const int rate = table.csv.column("rate"), score = table.csv.column("score");
  source.trust.assign(source.labels.size(), std::nanf(""));
  for (size_t i = 0; i < table.csv.rows.size(); ++i) {
    const float value = table.share(i, trust);
    const bool unseen = score >= 0 && table.csv.rows[i][static_cast<size_t>(score)].empty();
    if (table.at[i] && !unseen) source.trust[*table.at[i]] = value;
    if (rate >= 0 && i == 0) source.trained_rate = parse_double(table.csv.rows[i][static_cast<size_t>(rate)]);
  }
}

// dynamics.csv: row,path,label,own,other,other_share,squares
void read_dynamics(const fs::path& file, NoiseSource& source) {
  const RunTable table(file, source);
  const auto column = [&](const char* name) { return static_cast<size_t>(table.csv.require_column(name)); };
  const size_t own = column("own"), other = column("other"), share = column("other_share"), squares = column("squares");
  const std::map<std::string, int32_t> labels = [&] {
    std::map<std::string, int32_t> out;
    for (size_t c = 0; c < source.names.size(); ++c) out[source.names[c]] = static_cast<int32_t>(c);
    return out;
  }();
  Dynamics& d = source.dynamics;
  d.own.assign(source.labels.size(), std::nanf(""));
  d.other.assign(source.labels.size(), -1);
  d.other_share = d.squares = d.own;
  for (size_t i = 0; i < table.csv.rows.size(); ++i) {
    if (!table.at[i]) continue;
    const size_t at = *table.at[i];
    d.own[at] = table.share(i, own);
    d.other_share[at] = table.share(i, share);
    d.squares[at] = table.share(i, squares);
    // A class that no labelled row of the source has cannot be suggested.
    if (const auto found = labels.find(table.csv.rows[i][other]); found != labels.end()) d.other[at] = found->second;
  }
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
