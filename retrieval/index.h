#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "retrieval/embeddings.h"
#include "src/core/files.h"

namespace winnow {

/// One hit. Score = cosine in [-1, 1], higher is better.
struct Hit {
  int64_t id = 0;
  float score = 0;
};

struct IndexItem {
  int64_t id = 0;
  std::string path, label;
  std::vector<std::pair<std::string, std::string>> columns;  ///< the further columns, as text
};

struct IndexBuildOptions {
  std::string type = "auto";      ///< auto | flat | ivf | ivfpq | ivfsq8 | hnsw | any FAISS factory string
  uint64_t memory = 0;            ///< budget in bytes for `auto`; 0 = no limit
  int64_t probe = 0;              ///< nprobe or efSearch; 0 = chosen by size
  uint64_t seed = 1234;           ///< of k-means, PQ training, training sample and HNSW levels
  bool keep_old = true;           ///< keep the previous generation on disk (never more than one)
  int64_t slice = 0, slices = 1;  ///< take only the rows of slice i of n (row % n == i); `merge_indexes` joins them
  int64_t augment = 0;            ///< DBA: each vector with so many nearest others added, weight score^3; 0 = as it is
  bool repeatable = true;         ///< hnsw: add on one thread, so that the same input gives the same graph
};

/// One entry of an index's history.
struct IndexEvent {
  int64_t generation = 0;
  std::string created, what, factory;  ///< `what`: build, compact, merge, migrate
  int64_t count = 0;
  double recall_at_10 = -1;  ///< measured then; -1 = not measured
};

/// What manifest.json of a generation says, and what was written since.
struct IndexInfo {
  int64_t count = 0;                         ///< vectors in the generation
  int64_t live = 0, added = 0, removed = 0;  ///< items now; written and replaced or removed since the generation
  int64_t dim = 0, probe = 0, generation = 0;
  std::string factory, type, reason;  ///< `reason`: why `auto` chose this type
  std::string metric = "cosine";
  std::string model_digest, preprocessing_digest, model_path;
  std::string recipe, whitening_digest;  ///< of the embeddings: how a query has to be made (embeddings.h)
  int64_t augmented = 0;                 ///< neighbours that DBA added to each vector at the build; 0 = none
  std::string faiss_version, winnow_version, created, data;
  uint64_t index_bytes = 0;
  double build_seconds = 0;
  double recall_at_10 = -1;         ///< against exact search, when the generation was made
  std::vector<IndexEvent> history;  ///< oldest first; the last one is this generation
};

struct IndexPlan {
  std::string factory, reason;
  int64_t probe = 0;
  uint64_t bytes = 0;  ///< estimated memory of the searchable index; 0 = unknown (a factory string was given)
  std::string type;    ///< flat, ivf, ivfpq, ivfsq8, hnsw, sqfp16, sq8 or factory
};

/// Chooses type and parameters by number of vectors and memory (retrieval.md 4.5).
/// @param type    as IndexBuildOptions::type; known names in any case, anything else is taken as a factory string
/// @param memory  budget in bytes for `auto`; 0 = no limit
/// @throws Error(kConfig) when no type fits the budget or ivfpq has too few vectors, Error(kData) for no vectors
IndexPlan plan_index(const std::string& type, int64_t count, int64_t dim, uint64_t memory);

/// Builds a new generation in an index folder and makes it current (single writer, locked; a crash at any point leaves
/// the old generation). Vectors are normalised for cosine. Any int64 is an id, negative ones too; rows are stored in
/// the order of their ids, so the result does not depend on the order of the embeddings.
/// @param on_step receives "train", "add", "write", "verify"
/// @throws Error(kData) for non-finite or zero vectors and duplicate ids (naming the row), Error(kConfig) for a factory
/// string this FAISS does not know, Error(kDevice) for a full disk or a second writer, Error(kInterrupted)
IndexInfo build_index(const Embeddings& embeddings, const fs::path& folder, const IndexBuildOptions& options,
                      const std::function<void(const std::string&)>& on_step = {});
/// The same from several folders, such as the slices of `embed --slice`. @throws also Error(kMismatch) when they come
/// from different models
IndexInfo build_index(std::span<const Embeddings> slices, const fs::path& folder, const IndexBuildOptions& options,
                      const std::function<void(const std::string&)>& on_step = {});

struct IndexMergeOptions {
  IndexBuildOptions build;
  std::string duplicates = "error";  ///< an id in several sources: error | first | last (in the order of the sources)
};

/// The items of several index folders as one new generation in another folder. Sources must come from one model and
/// have the same dimension; columns are those of all sources together.
/// @throws Error(kMismatch) for different models, Error(kData) for an id twice, Error(kUsage) when the target is a
/// source; else as build_index
IndexInfo merge_indexes(const std::vector<fs::path>& sources, const fs::path& folder, const IndexMergeOptions& options,
                        const std::function<void(const std::string&)>& on_step = {});

/// Reads CURRENT, its manifest.json, the ids and the log of later writes (digests of other files are not checked).
/// @throws Error(kNotFound) for a folder without an index, Error(kData) for a damaged one
IndexInfo read_index_info(const fs::path& folder);

struct IndexVerification {
  bool ok = true;
  std::vector<std::string> problems;
  double recall_at_10 = -1;  ///< against exact search on a sample, ties count as found; -1 when it cannot be searched
  double recall_then = -1;   ///< what was measured when the generation was made; -1 = not known
  int64_t sample = 0, checked_ids = 0;
};
/// Checks every digest, that all files agree row by row, recall on `sample` stored vectors (each without itself), and
/// after removals and updates that `sample` searches return live ids with the scores of their present vectors only.
/// Problems of any file are listed, not thrown. @throws Error(kNotFound) for a folder without an index
IndexVerification verify_index(const fs::path& folder, int64_t sample, uint64_t seed);

struct SearchOptions {
  int64_t k = 10;                       ///< >= 1; more than the index holds gives all
  float min_score = -2;                 ///< hits below are left out
  std::string where = {};               ///< SQL condition (SQLite) over item columns; "" = all
  std::optional<int64_t> exclude = {};  ///< an id that must not be returned (the query item itself)
  bool exact = false;                   ///< look at every row, whatever the index type
};

/// The state of an index at one moment, opened for searching: a generation and what was written since (live_index.h has
/// an index that follows writes). Thread-safe; nothing another process does changes what the object answers.
class Index {
 public:
  /// The SHA-256 of the FAISS file is checked before FAISS sees it. Of the other files the size is checked, and the
  /// SHA-256 where the file is small (16 MiB); verify_index checks all.
  /// @throws Error(kNotFound | kData) `FILE: digest differs ...`
  static std::unique_ptr<Index> open(const fs::path& folder);
  virtual ~Index() = default;

  virtual const IndexInfo& info() const = 0;
  virtual int64_t size() const = 0;  ///< items (info().live)
  virtual int64_t dim() const = 0;

  /// @param queries float32 [Q, D], any length (normalised inside). @return for each query up to k hits, ordered by
  /// (score desc, id asc); scores are exact cosines (candidates are re-scored from the stored vectors in one fixed
  /// order). Fewer than k hits come back only when fewer rows qualify. A query's hits are the same alone, in any
  /// batch and for any thread count.
  /// @param plan  receives how `where` was answered (see last_plan)
  /// @throws Error(kData) for NaN, a zero vector or a bad `where` (with SQLite's words and the columns);
  /// Error(kShape) for another dimension; Error(kUsage) for k < 1
  virtual std::vector<std::vector<Hit>> search(std::span<const float> queries, const SearchOptions& options,
                                               std::string* plan = nullptr) const = 0;
  /// Every item with a score of at least `min_score`, at most options.k of them, found by asking for ever more hits;
  /// exact as far as the index is. options.min_score is not used.
  virtual std::vector<std::vector<Hit>> search_range(std::span<const float> queries, float min_score,
                                                     const SearchOptions& options) const = 0;

  virtual bool contains(int64_t id) const = 0;
  /// Ascending ids for which an SQL condition holds; "" = all.
  virtual std::vector<int64_t> ids(const std::string& where = {}) const = 0;
  /// @throws Error(kNotFound) for an unknown id
  virtual IndexItem item(int64_t id) const = 0;
  /// Unit length, D values.
  virtual std::vector<float> vector(int64_t id) const = 0;
  /// Names that `where` knows: id, path, label, then the further columns of the items.
  virtual std::vector<std::string> columns() const = 0;
  /// How the last `where` was answered ("pre-filter: 312 of 2,640 rows, exact", "index filter: 1,500 of 2,640 rows" or
  /// "over-fetch x4: ..."); "" when the last search had none. Thread-safe; with concurrent searches any one of them.
  virtual std::string last_plan() const = 0;
};

std::string faiss_version();
/// Sets FAISS's OpenMP threads from thread_count().
void init_search_threads();

}  // namespace winnow
