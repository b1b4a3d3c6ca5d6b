#include "retrieval/write_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/core/error.h"

namespace winnow {
namespace {

constexpr std::string_view kMagic = "winnow writes 1\n";
constexpr size_t kChecksum = 16;  // hexadecimal digits of SHA-256
constexpr size_t kHeader = kMagic.size() + 3 * 8 + kChecksum;
constexpr size_t kRecordHead = 8 + kChecksum;
constexpr uint64_t kMaxRecord = uint64_t{1} << 30;

std::string checksum(std::string_view bytes) { return sha256_hex(bytes).substr(0, kChecksum); }

void put_number(std::string& out, int64_t value) {
  char bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  out.append(bytes, sizeof bytes);
}

void put_text(std::string& out, const std::string& text) {
  put_number(out, static_cast<int64_t>(text.size()));
  out += text;
}

std::string header_of(const LogShape& shape) {
  std::string header(kMagic);
  put_number(header, shape.generation);
  put_number(header, shape.dim);
  put_number(header, shape.columns);
  return header + checksum(header);
}

/// Takes fields off the front of a record; every length is checked against what is left.
class Fields {
 public:
  Fields(std::string_view left, const fs::path& file) : left_(left), file_(file) {}

  std::string_view take(uint64_t bytes) {
    if (bytes > left_.size()) {
      throw Error(ErrorCode::kData, "[" + file_.string() + "] a field is longer than its record: damaged");
    }
    const auto part = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return part;
  }
  int64_t number() {
    int64_t value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(static_cast<uint64_t>(number()))); }
  std::vector<float> floats(int64_t count) {
    const auto bytes = take(static_cast<uint64_t>(count) * sizeof(float));
    std::vector<float> values(static_cast<size_t>(count));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  bool empty() const { return left_.empty(); }

 private:
  std::string_view left_;
  const fs::path& file_;
};

std::vector<WriteOperation> decode(std::string_view body, const LogShape& shape, const fs::path& file) {
  std::vector<WriteOperation> batch;
  Fields fields(body, file);
  while (!fields.empty()) {
    WriteOperation one;
    one.remove = fields.number() != 0;
    one.item.id = fields.number();
    if (!one.remove) {
      one.item.path = fields.text();
      one.item.label = fields.text();
      for (int64_t i = 0; i < shape.columns; ++i) one.item.extra.push_back(fields.text());
      one.vector = fields.floats(shape.dim);
    }
    batch.push_back(std::move(one));
  }
  return batch;
}

std::string_view as_text(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

[[noreturn]] void damaged(const fs::path& file, uint64_t offset, const std::string& what) {
  throw Error(ErrorCode::kData, "[" + file.string() + ": byte " + std::to_string(offset) + "] " + what);
}

bool only_zeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

/// The body of the record at `offset`; empty when the file ends before the record does.
std::string_view whole_record(std::string_view bytes, uint64_t offset, const fs::path& file) {
  const auto rest = bytes.substr(offset);
  if (rest.size() < kRecordHead || only_zeros(rest)) return {};
  int64_t length;
  std::memcpy(&length, rest.data(), sizeof length);
  if (length <= 0 || static_cast<uint64_t>(length) > kMaxRecord) damaged(file, offset, "a record's length is damaged");
  if (static_cast<uint64_t>(length) > rest.size() - kRecordHead) return {};
  const auto body = rest.substr(kRecordHead, static_cast<size_t>(length));
  if (checksum(body) == rest.substr(8, kChecksum)) return body;
  // The last record may have reached the disk in part when the power failed; an earlier one was accepted.
  if (rest.size() == kRecordHead + body.size() || only_zeros(rest.substr(kRecordHead + body.size()))) return {};
  damaged(file, offset, "a record's checksum differs: accepted writes were damaged; restore the file from a copy");
}

}  // namespace

std::string encode_record(std::span<const WriteOperation> batch, const LogShape& shape) {
  std::string body;
  for (const auto& one : batch) {
    put_number(body, one.remove ? 1 : 0);
    put_number(body, one.item.id);
    if (one.remove) continue;
    put_text(body, one.item.path);
    put_text(body, one.item.label);
    for (int64_t i = 0; i < shape.columns; ++i) put_text(body, one.item.extra.at(static_cast<size_t>(i)));
    body.append(reinterpret_cast<const char*>(one.vector.data()), one.vector.size() * sizeof(float));
    if (body.size() > kMaxRecord) {
      throw Error(ErrorCode::kUsage, "[index write] a batch of at most 1 GiB is required; write it in parts");
    }
  }
  std::string record;
  put_number(record, static_cast<int64_t>(body.size()));
  return record + checksum(body) + body;
}

LogRead read_log(const fs::path& file, const LogShape& shape, uint64_t offset,
                 const std::function<void(std::vector<WriteOperation>&&)>& use) {
  if (!fs::exists(file) || fs::file_size(file) == 0) return {};
  const MappedFile mapped(file);
  const auto bytes = as_text(mapped);
  if (bytes.size() < kHeader || only_zeros(bytes)) return {0, true};
  if (bytes.substr(0, kHeader) != header_of(shape)) {
    damaged(file, 0,
            "the log of generation " + std::to_string(shape.generation) +
                " is required, this one is damaged or belongs to another index");
  }
  LogRead read{std::max<uint64_t>(offset, kHeader), false};
  if (read.end > bytes.size())
    damaged(file, bytes.size(), "the log is shorter than it was: accepted writes are missing");
  for (auto body = whole_record(bytes, read.end, file); !body.empty(); body = whole_record(bytes, read.end, file)) {
    use(decode(body, shape, file));
    read.end += kRecordHead + body.size();
  }
  read.torn = read.end < bytes.size();
  return read;
}

WriteLog::WriteLog(const fs::path& file, const LogShape& shape, uint64_t end) : file_(file), end_(end) {
  fd_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) fail("open", errno);
  if (::ftruncate(fd_, static_cast<off_t>(end_)) != 0) fail("cut off an unfinished record", errno);
  if (end_ == 0) {
    append(header_of(shape));
    sync_folder(file_.parent_path());
  }
}

WriteLog::~WriteLog() {
  if (fd_ >= 0) ::close(fd_);
}

void WriteLog::append(const std::string& records) {
  if (broken_) {
    throw Error(ErrorCode::kDevice, "[" + file_.string() +
                                        "] an earlier write failed and left the disk in an unknown state; open the "
                                        "index anew before writing");
  }
  put(records);
  if (::fdatasync(fd_) != 0) {
    broken_ = true;
    fail("fsync", errno);
  }
  end_ += records.size();
}

void WriteLog::put(const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(end_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n < 0 ? errno : ENOSPC;
      broken_ = ::ftruncate(fd_, static_cast<off_t>(end_)) != 0;
      fail("write", error);
    }
    done += static_cast<size_t>(n);
  }
}

void WriteLog::fail(const char* what, int error) {
  throw Error(ErrorCode::kDevice, "[" + file_.string() + "] cannot " + what + ": " + std::strerror(error));
}

std::string copy_records(const fs::path& file, uint64_t offset, uint64_t end) {
  if (!fs::exists(file)) return {};
  const MappedFile mapped(file);
  const uint64_t from = std::max<uint64_t>(offset, kHeader);
  return from < end ? std::string(as_text(mapped).substr(from, end - from)) : std::string();
}

}  // namespace winnow
