#pragma once

#include <memory>
#include <mutex>
#include <semaphore>
#include <string>

#include "retrieval/live_index.h"
#include "src/serve/batcher.h"
#include "src/serve/facets.h"
#include "src/serve/query_form.h"
#include "src/serve/score_words.h"
#include "src/workflow/picture_encoder.h"
#include "src/workflow/pictures.h"

namespace winnow {

struct CatalogueOptions {
  fs::path index, model;  ///< model: empty = the one recorded in the index
  bool writable = false;  ///< takes the index's writer lock
  int64_t max_pixels = 40'000'000;
  Batcher::Options batching = {};
};

struct CatalogueHit {
  IndexItem item;
  float score = 0;
  const char* word = "";
  std::vector<int64_t> duplicates;  ///< ids folded into this hit
};

struct CatalogueAnswer {
  std::vector<CatalogueHit> hits;
  int64_t generation = 0, items = 0;
  std::string plan;
  bool confident = true;  ///< false: there are words, and every hit is "unlikely"
};

/// One index with what people need around it: network, pictures of its items, words for scores, columns to filter by.
/// Thread-safe. Generations are swapped under it while it answers.
class Catalogue {
 public:
  explicit Catalogue(CatalogueOptions options);
  ~Catalogue();

  LiveIndex& index() { return *index_; }
  const LiveIndex& index() const { return *index_; }
  bool has_model() const { return encoder_ != nullptr; }
  int queued() const { return batcher_ ? batcher_->seats_taken() : 0; }

  /// Steps: decode_wait, decode, resize, wait, net, search. @throws Error(kData) for a picture that is none,
  /// Error(kMismatch) for a picture without a model, HttpError(503) when the queue is full or the time is over
  CatalogueAnswer search(const QueryForm& form, const std::string& where, Batcher::Clock::time_point deadline,
                         StepTimes& steps) const;
  /// @param box  shares of the picture's size
  std::vector<float> embed(const std::string& picture, const std::optional<std::array<double, 4>>& box,
                           Batcher::Clock::time_point deadline, StepTimes& steps) const;

  struct Why {
    std::string query, item;  ///< data: URIs of the two pictures with a veil where they agree
    double score = 0;
  };
  /// @param form.item  the hit to explain
  Why why(const QueryForm& form, Batcher::Clock::time_point deadline, StepTimes& steps) const;

  /// The picture of an item as JPEG, its long side at most `side`. Pictures come from the source that the index
  /// recorded or from what was uploaded, by id only. @throws Error(kNotFound | kData)
  std::vector<std::byte> item_picture(int64_t id, int side) const;
  /// Keeps an uploaded picture beside the index. @return the `path` of its item; on the disk when it returns
  std::string keep_picture(const std::string& bytes) const;
  static bool is_upload(const std::string& path);

  /// Learns words and facets anew when the generation is another than last time. Requests never wait for it.
  void refresh();
  std::vector<Facet> facets() const;
  ScoreWords words() const;

 private:
  struct Learnt {
    int64_t generation = -1;
    std::vector<Facet> facets;
    ScoreWords words;
  };
  std::shared_ptr<const Learnt> learnt() const;
  Image picture_of(const IndexItem& item) const;
  Image view_of(const std::string& picture, const std::optional<std::array<double, 4>>& box,
                Batcher::Clock::time_point deadline, StepTimes& steps) const;
  std::vector<float> query_vector(const QueryForm& form, const Index& view, Batcher::Clock::time_point deadline,
                                  StepTimes& steps) const;
  void require_model() const;

  CatalogueOptions options_;
  std::unique_ptr<LiveIndex> index_;
  std::unique_ptr<PictureEncoder> encoder_;
  std::unique_ptr<Batcher> batcher_;
  std::unique_ptr<PictureFinder> pictures_;
  mutable std::counting_semaphore<> decoders_;
  std::mutex refreshing_;
  mutable std::mutex learnt_mutex_;
  std::shared_ptr<const Learnt> learnt_;
};

/// Folds near-duplicates of better hits into them. @param hits  best first @param vectors  of the hits, unit length
std::vector<CatalogueHit> collapse_duplicates(std::vector<CatalogueHit> hits,
                                              const std::vector<std::vector<float>>& vectors, double threshold,
                                              int64_t k);

}  // namespace winnow
