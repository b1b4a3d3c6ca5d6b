#include "src/serve/catalogue.h"

#include <algorithm>
#include <numeric>

#include "src/core/parallel.h"
#include "src/image/codec.h"
#include "src/image/transform.h"

namespace winnow {
namespace {

constexpr const char* kUploads = "pictures";
constexpr const char* kUploadPrefix = "picture:";

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Box pixels_of(const std::array<double, 4>& box, const Image& picture) {
  return {box[0] * picture.width, box[1] * picture.height, box[2] * picture.width, box[3] * picture.height};
}

std::optional<Box> region_of(const std::optional<std::array<double, 4>>& box, const Image& picture) {
  return box ? std::optional(pixels_of(*box, picture)) : std::nullopt;
}

/// A slot of the decoders for as long as it lives.
class DecodeSlot {
 public:
  DecodeSlot(std::counting_semaphore<>& slots, Batcher::Clock::time_point deadline, StepTimes& steps) : slots_(slots) {
    const StepTimer timer(steps, "decode_wait");
    if (!slots_.try_acquire_until(deadline)) throw HttpError(503, "[serve] no decoder was free in time", 1);
  }
  ~DecodeSlot() { slots_.release(); }
  DecodeSlot(const DecodeSlot&) = delete;
  DecodeSlot& operator=(const DecodeSlot&) = delete;

 private:
  std::counting_semaphore<>& slots_;
};

}  // namespace

Catalogue::Catalogue(CatalogueOptions options) : options_(std::move(options)), decoders_(std::max(1, thread_count())) {
  index_ = LiveIndex::open(options_.index, options_.writable ? LiveIndex::Mode::kWrite : LiveIndex::Mode::kRead);
  const IndexInfo info = index_->info();
  pictures_ = std::make_unique<PictureFinder>(info.data);
  const fs::path model = options_.model.empty() ? fs::path(info.model_path) : options_.model;
  if (!model.empty()) {
    encoder_ = std::make_unique<PictureEncoder>(model, options_.index, info);
    batcher_ = std::make_unique<Batcher>([this](std::span<const Image> views) { return encoder_->embed(views); },
                                         options_.batching);
  }
  refresh();
}

Catalogue::~Catalogue() = default;

void Catalogue::require_model() const {
  if (!encoder_)
    throw Error(ErrorCode::kMismatch,
                "[serve] the index does not know its model, so pictures cannot be searched; start "
                "the server with --model DIR, or search by id or vector");
}

Image Catalogue::view_of(const std::string& picture, const std::optional<std::array<double, 4>>& box,
                         Batcher::Clock::time_point deadline, StepTimes& steps) const {
  const DecodeSlot slot(decoders_, deadline, steps);
  Image decoded;
  {
    const StepTimer timer(steps, "decode");
    decoded = encoder_->decode(bytes_of(picture), "picture", options_.max_pixels, !box);
  }
  const StepTimer timer(steps, "resize");
  return encoder_->view(decoded, region_of(box, decoded));
}

std::vector<float> Catalogue::embed(const std::string& picture, const std::optional<std::array<double, 4>>& box,
                                    Batcher::Clock::time_point deadline, StepTimes& steps) const {
  require_model();
  Batcher::Seat seat(*batcher_);
  return seat.embed(view_of(picture, box, deadline, steps), deadline, steps);
}

std::vector<float> Catalogue::query_vector(const QueryForm& form, const Index& view,
                                           Batcher::Clock::time_point deadline, StepTimes& steps) const {
  if (!form.vector.empty()) return form.vector;
  if (!form.picture.empty()) return embed(form.picture, form.box, deadline, steps);
  if (!form.box) return view.vector(*form.id);
  require_model();
  Batcher::Seat seat(*batcher_);
  Image region;
  {
    const DecodeSlot slot(decoders_, deadline, steps);
    const StepTimer timer(steps, "decode");
    const Image picture = picture_of(view.item(*form.id));
    region = encoder_->view(picture, region_of(form.box, picture));
  }
  return seat.embed(std::move(region), deadline, steps);
}

CatalogueAnswer Catalogue::search(const QueryForm& form, const std::string& where, Batcher::Clock::time_point deadline,
                                  StepTimes& steps) const {
  const auto view = index_->view();  // one state for the whole answer
  const auto vector = query_vector(form, *view, deadline, steps);
  const StepTimer timer(steps, "search");
  SearchOptions options;
  options.k = form.collapse > 0 ? form.k * 3 + 20 : form.k;
  options.min_score = form.min_score;
  options.where = where;
  options.exact = form.exact;
  if (form.id) options.exclude = form.id;
  CatalogueAnswer answer;
  const auto found = view->search(vector, options, &answer.plan);
  const ScoreWords words = this->words();
  std::vector<std::vector<float>> vectors;
  for (const Hit& hit : found.at(0)) {
    answer.hits.push_back({view->item(hit.id), hit.score, words.word(hit.score), {}});
    if (form.collapse > 0) vectors.push_back(view->vector(hit.id));
  }
  if (form.collapse > 0) answer.hits = collapse_duplicates(std::move(answer.hits), vectors, form.collapse, form.k);
  answer.generation = view->info().generation;
  answer.items = view->size();
  answer.confident = words.pairs == 0 || (!answer.hits.empty() && answer.hits[0].score >= words.similar);
  return answer;
}

std::vector<CatalogueHit> collapse_duplicates(std::vector<CatalogueHit> hits,
                                              const std::vector<std::vector<float>>& vectors, double threshold,
                                              int64_t k) {
  std::vector<CatalogueHit> out;
  std::vector<size_t> kept;
  for (size_t i = 0; i < hits.size(); ++i) {
    const auto same = std::find_if(kept.begin(), kept.end(), [&](size_t j) {
      return std::inner_product(vectors[i].begin(), vectors[i].end(), vectors[j].begin(), 0.0) >= threshold;
    });
    if (same != kept.end()) {
      out[static_cast<size_t>(same - kept.begin())].duplicates.push_back(hits[i].item.id);
    } else if (static_cast<int64_t>(out.size()) < k) {
      kept.push_back(i);
      out.push_back(std::move(hits[i]));
    }
  }
  return out;
}

Catalogue::Why Catalogue::why(const QueryForm& form, Batcher::Clock::time_point deadline, StepTimes& steps) const {
  require_model();
  if (!form.item) throw HttpError(400, "[why] 'item', the id of a hit, is required");
  const auto view = index_->view();
  Image first, second;
  if (!form.picture.empty()) first = view_of(form.picture, form.box, deadline, steps);
  const DecodeSlot slot(decoders_, deadline, steps);
  if (form.id) {
    const Image picture = picture_of(view->item(*form.id));
    first = encoder_->view(picture, region_of(form.box, picture));
  }
  if (first.pixels.empty()) throw HttpError(400, "[why] a picture or an id is required as query");
  second = encoder_->view(picture_of(view->item(*form.item)), std::nullopt);
  const StepTimer timer(steps, "net");
  const auto overlap = encoder_->overlap(first, second);
  const Image views[] = {first};
  const auto vector = encoder_->embed(views).at(0), other = view->vector(*form.item);
  Why out;
  out.score = std::inner_product(vector.begin(), vector.end(), other.begin(), 0.0);
  out.query = thumbnail_data_uri(veil(first, overlap.first, overlap.width, overlap.height), first.width, 88);
  out.item = thumbnail_data_uri(veil(second, overlap.second, overlap.width, overlap.height), second.width, 88);
  return out;
}

bool Catalogue::is_upload(const std::string& path) {
  const std::string prefix = kUploadPrefix;
  return path.size() == prefix.size() + 64 && path.starts_with(prefix) &&
         path.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
}

Image Catalogue::picture_of(const IndexItem& item) const {
  if (item.path.empty()) throw Error(ErrorCode::kNotFound, "[picture] item " + std::to_string(item.id) + " has none");
  if (!is_upload(item.path)) return pictures_->picture(item.path);
  const fs::path file = options_.index / kUploads / item.path.substr(std::string(kUploadPrefix).size());
  DecodeOptions decoding;
  decoding.max_pixels = options_.max_pixels;
  return decode_image(bytes_of(read_file(file)), item.path, decoding);
}

std::vector<std::byte> Catalogue::item_picture(int64_t id, int side) const {
  const IndexItem item = index_->view()->item(id);
  StepTimes unused;
  const DecodeSlot slot(decoders_, Batcher::Clock::now() + std::chrono::seconds(10), unused);
  return encode_jpeg(fit_within(picture_of(item), side), 85);
}

std::string Catalogue::keep_picture(const std::string& bytes) const {
  const std::string digest = sha256_hex(bytes);
  make_folder(options_.index / kUploads);
  const fs::path file = options_.index / kUploads / digest;
  if (!fs::exists(file)) {
    write_file_atomically(file, bytes);
    sync_folder(options_.index);
  }
  return kUploadPrefix + digest;
}

void Catalogue::refresh() {
  const std::lock_guard guard(refreshing_);
  const auto view = index_->view();
  const auto before = learnt();
  if (before && before->generation == view->info().generation) return;
  auto fresh = std::make_shared<Learnt>();
  fresh->generation = view->info().generation;
  fresh->facets = find_facets(*view);
  fresh->words = learn_score_words(*view);
  const std::lock_guard swap(learnt_mutex_);
  learnt_ = std::move(fresh);
}

std::shared_ptr<const Catalogue::Learnt> Catalogue::learnt() const {
  const std::lock_guard guard(learnt_mutex_);
  return learnt_;
}

std::vector<Facet> Catalogue::facets() const { return learnt()->facets; }
ScoreWords Catalogue::words() const { return learnt()->words; }

}  // namespace winnow
