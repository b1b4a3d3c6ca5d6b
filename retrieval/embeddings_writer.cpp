#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "retrieval/embeddings.h"
#include "retrieval/sealed_json.h"
#include "src/core/clock.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/half.h"

namespace winnow {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;

/// vectors.npy written row by row with the row count filled in at the end; the header keeps room for any count.
class RowStream {
 public:
  RowStream(const fs::path& target, int64_t dim, bool half) : target_(target), file_(target), dim_(dim), half_(half) {
    header_bytes_ = npy_header(INT64_MAX / 8, dim, dtype()).size();
    fd_ = ::open(file_.temporary().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) fail("open");
    at_ = header_bytes_;
  }
  ~RowStream() {
    if (fd_ >= 0) ::close(fd_);
  }
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;

  void add(std::span<const float> row) {
    if (half_)
      for (const float v : row) append(half_from_float(v));
    else
      for (const float v : row) append(v);
    if (buffer_.size() >= kBufferBytes) flush();
  }

  std::string finish(int64_t rows) {
    flush();
    write_at(padded_header(rows), 0);
    if (::close(std::exchange(fd_, -1)) != 0) fail("close");
    file_.written_externally();
    return file_.commit();
  }

 private:
  std::string dtype() const { return half_ ? "<f2" : "<f4"; }

  template <typename T>
  void append(T value) {
    buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  std::string padded_header(int64_t rows) const {
    std::string header = npy_header(rows, dim_, dtype());
    header.insert(header.size() - 1, header_bytes_ - header.size(), ' ');
    const auto length = static_cast<uint16_t>(header.size() - 10);
    header[8] = static_cast<char>(length & 0xff);
    header[9] = static_cast<char>(length >> 8);
    return header;
  }

  void flush() {
    write_at(buffer_, at_);
    at_ += buffer_.size();
    buffer_.clear();
  }

  void write_at(std::string_view bytes, uint64_t offset) {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail("write");
      bytes.remove_prefix(static_cast<size_t>(n));
      offset += static_cast<uint64_t>(n);
    }
  }

  [[noreturn]] void fail(const char* what) const {
    throw Error(ErrorCode::kDevice, "[" + target_.string() + "] cannot " + what + ": " + std::strerror(errno));
  }

  fs::path target_;
  AtomicFile file_;
  int64_t dim_;
  bool half_;
  size_t header_bytes_ = 0;
  uint64_t at_ = 0;
  int fd_ = -1;
  std::string buffer_;
};

fs::path made(const fs::path& folder) {
  make_folder(folder);
  return folder;
}

/// What a killed writer left behind; the caller holds the folder's lock.
void remove_leftovers(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    for (const char* of : {".vectors.npy.tmp.", ".items.csv.tmp.", ".card.json.tmp."}) {
      if (name.starts_with(of)) fs::remove(entry.path());
    }
  }
}

/// A lock on the folder, which is clean afterwards.
struct CleanLock {
  explicit CleanLock(const fs::path& folder) : lock(folder) { remove_leftovers(folder); }
  FolderLock lock;
};

nlohmann::json card_of(const EmbeddingsInfo& info) {
  return {{"model_digest", info.model_digest},
          {"preprocessing_digest", info.preprocessing_digest},
          {"recipe", info.recipe},
          {"whitening_digest", info.whitening_digest},
          {"model_path", info.model_path},
          {"data", info.data},
          {"created", info.created},
          {"winnow_version", info.winnow_version},
          {"vectors_digest", info.vectors_digest},
          {"items_digest", info.items_digest},
          {"extra_columns", info.extra_columns},
          {"dtype", info.dtype},
          {"normalised", info.normalised},
          {"rows", info.rows},
          {"dim", info.dim}};
}

}  // namespace

struct EmbeddingsWriter::State {
  State(const fs::path& target, int64_t dim, EmbeddingsInfo given)
      : folder(made(target)),
        lock(folder),
        vectors(folder / "vectors.npy", dim, given.dtype == "float16"),
        items(folder / "items.csv"),
        info(std::move(given)) {}

  fs::path folder;
  CleanLock lock;
  RowStream vectors;
  AtomicFile items;
  EmbeddingsInfo info;
  int64_t announced = 0;
  bool committed = false;
};

EmbeddingsWriter::EmbeddingsWriter(fs::path folder, int64_t dim, int64_t rows, EmbeddingsInfo info) {
  if (dim < 1 || rows < 0) {
    throw Error(ErrorCode::kShape, "[" + folder.string() + "] dim >= 1 and rows >= 0 are required, got dim " +
                                       std::to_string(dim) + ", rows " + std::to_string(rows));
  }
  if (info.dtype != "float32" && info.dtype != "float16")
    throw Error(ErrorCode::kUsage, "[" + folder.string() + "] dtype float32 or float16 is required, got " + info.dtype);
  state_ = std::make_unique<State>(folder, dim, std::move(info));
  state_->announced = rows;
  state_->info.dim = dim;
  state_->info.rows = 0;
  std::vector<std::string> header = {"id", "path", "label"};
  header.insert(header.end(), state_->info.extra_columns.begin(), state_->info.extra_columns.end());
  state_->items.write(csv_line(header));
}

EmbeddingsWriter::~EmbeddingsWriter() = default;

void EmbeddingsWriter::add(const EmbeddedItem& item, std::span<const float> vector) {
  auto& state = *state_;
  const auto& info = state.info;
  if (static_cast<int64_t>(vector.size()) != info.dim || item.extra.size() != info.extra_columns.size()) {
    throw Error(ErrorCode::kShape, "[" + item.path + "] " + std::to_string(info.dim) + " values and " +
                                       std::to_string(info.extra_columns.size()) + " extra columns are required, got " +
                                       std::to_string(vector.size()) + " and " + std::to_string(item.extra.size()));
  }
  if (info.rows == state.announced) {
    throw Error(ErrorCode::kInternal, "[" + state.folder.string() + "] at most the announced " +
                                          std::to_string(state.announced) + " rows may be added");
  }
  for (const float v : vector) {
    if (!std::isfinite(info.dtype == "float16" ? half_to_float(half_from_float(v)) : v)) {
      throw Error(ErrorCode::kNumeric, "[" + item.path + "] a finite " + info.dtype +
                                           " embedding is required, got NaN or infinity (row " +
                                           std::to_string(info.rows) + ")");
    }
  }
  state.vectors.add(vector);
  std::vector<std::string> fields = {std::to_string(item.id), item.path, item.label};
  fields.insert(fields.end(), item.extra.begin(), item.extra.end());
  state.items.write(csv_line(fields));
  ++state.info.rows;
}

void EmbeddingsWriter::commit() {
  auto& state = *state_;
  if (std::exchange(state.committed, true)) {
    throw Error(ErrorCode::kInternal, "[" + state.folder.string() + "] commit() may be called once");
  }
  // Until the new card is there the folder must not look complete with a mixture of old and new files.
  std::error_code none;
  fs::remove(state.folder / "card.json", none);
  sync_folder(state.folder);
  state.info.vectors_digest = state.vectors.finish(state.info.rows);
  state.info.items_digest = state.items.commit();
  if (state.info.created.empty()) state.info.created = utc_now();
  if (state.info.winnow_version.empty()) state.info.winnow_version = WINNOW_VERSION;
  write_sealed_json(state.folder / "card.json", card_of(state.info), "winnow-embeddings");
}

}  // namespace winnow
