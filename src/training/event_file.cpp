#include "src/training/event_file.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstring>

#include "src/core/error.h"

namespace winnow {
namespace {

// Protocol buffer wire format; the field numbers are those of tensorflow/core/util/event.proto and summary.proto.
void put_varint(std::string& out, uint64_t value) {
  for (; value >= 128; value >>= 7) out += static_cast<char>((value & 127) | 128);
  out += static_cast<char>(value);
}

template <typename T>
void put_little_endian(std::string& out, T value) {
  static_assert(std::endian::native == std::endian::little);
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_varint(out, static_cast<uint64_t>(field) << 3 | 2);
  put_varint(out, bytes.size());
  out += bytes;
}

void put_integer(std::string& out, int field, int64_t value) {
  put_varint(out, static_cast<uint64_t>(field) << 3);
  put_varint(out, static_cast<uint64_t>(value));
}

std::string event_head(int64_t step) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string out(1, '\x09');  // wall_time = 1, 64-bit
  put_little_endian(out, std::chrono::duration<double>(now).count());
  put_integer(out, 2, step);
  return out;
}

std::string summary_value(const std::string& tag, double value) {
  std::string out;
  put_bytes(out, 1, tag);
  out += '\x15';  // simple_value = 2, 32-bit
  put_little_endian(out, static_cast<float>(value));
  return out;
}

fs::path event_path(const fs::path& folder) {
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::string stem =
      "events.out.tfevents." + std::to_string(seconds.count()) + "." + host + "." + std::to_string(getpid());
  fs::path file = folder / stem;
  for (int n = 1; fs::exists(file); ++n) file = folder / (stem + "." + std::to_string(n));
  return file;
}

}  // namespace

EventFile::EventFile(const fs::path& folder, int64_t start_step)
    : file_(event_path(folder)), out_(file_, std::ios::binary) {
  std::string version = event_head(0);
  put_bytes(version, 3, "brain.Event:2");
  record(version);
  std::string session;
  put_integer(session, 1, 1);  // SessionLog.status = START
  std::string start = event_head(start_step);
  put_bytes(start, 7, session);
  record(start);
}

void EventFile::add(int64_t step, const std::map<std::string, double>& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars)
    if (std::isfinite(value)) put_bytes(summary, 1, summary_value(tag, value));
  std::string event = event_head(step);
  put_bytes(event, 5, summary);
  record(event);
}

void EventFile::record(const std::string& payload) {
  std::string length;
  put_little_endian(length, static_cast<uint64_t>(payload.size()));
  std::string framed = length;
  put_little_endian(framed, masked_crc32c(length));
  framed += payload;
  put_little_endian(framed, masked_crc32c(payload));
  out_.write(framed.data(), static_cast<std::streamsize>(framed.size())).flush();
  if (!out_) throw Error(ErrorCode::kDevice, "[train] cannot write " + file_.string() + ": " + std::strerror(errno));
}

}  // namespace winnow
