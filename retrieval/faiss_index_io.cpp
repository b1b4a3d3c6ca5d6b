#include <faiss/index_io.h>

#include <algorithm>

#include "retrieval/faiss_compat.h"
#include "retrieval/faiss_index.h"
#include "src/core/error.h"

namespace winnow {
namespace {

struct AtomicFileWriter : faiss::IOWriter {
  explicit AtomicFileWriter(AtomicFile& target) : file(target) {}
  size_t operator()(const void* ptr, size_t size, size_t nitems) override {
    file.write(ptr, size * nitems);
    return nitems;
  }
  AtomicFile& file;
};

struct CountingWriter : faiss::IOWriter {
  size_t operator()(const void*, size_t size, size_t nitems) override {
    bytes += size * nitems;
    return nitems;
  }
  uint64_t bytes = 0;
};

/// fread over bytes in memory; asking past the end gives fewer items, which FAISS reports.
struct SpanReader : faiss::IOReader {
  explicit SpanReader(std::span<const std::byte> bytes) : left(bytes) {}
  size_t operator()(void* ptr, size_t size, size_t nitems) override {
    if (size == 0) return nitems;
    const size_t items = std::min(nitems, left.size() / size);
    std::copy_n(left.data(), items * size, static_cast<std::byte*>(ptr));
    left = left.subspan(items * size);
    return items;
  }
  std::span<const std::byte> left;
};

std::string hash_of(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes.data(), bytes.size());
  return digest.hex();
}

}  // namespace

WrittenFile write_faiss_index(const FaissIndex& index, const fs::path& file) {
  AtomicFile target(file);
  AtomicFileWriter writer(target);
  try {
    faiss::write_index(index.index.get(), &writer);
  } catch (const faiss::FaissException& e) {
    throw Error(ErrorCode::kConfig,
                "[" + file.string() + "] this index type cannot be written: " + faiss_compat::reason(e));
  }
  WrittenFile written;
  written.sha256 = target.commit();
  written.bytes = target.bytes();
  return written;
}

uint64_t faiss_index_bytes(const FaissIndex& index) {
  CountingWriter counter;
  faiss::write_index(index.index.get(), &counter);
  return counter.bytes;
}

FaissIndex read_faiss_index(const fs::path& file, const WrittenFile& expected, const std::string& written_by) {
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  if (bytes.size() != expected.bytes) {
    throw Error(ErrorCode::kData, "[" + file.string() + "] " + std::to_string(expected.bytes) +
                                      " bytes are required by manifest.json, the file has " +
                                      std::to_string(bytes.size()) + ": truncated or replaced");
  }
  if (hash_of(bytes) != expected.sha256) {
    throw Error(ErrorCode::kData,
                "[" + file.string() + "] digest differs from manifest.json: the file is damaged; rebuild the index");
  }
  FaissIndex out;
  SpanReader reader(bytes);
  faiss_compat::limit_deserialization(bytes.size());
  try {
    out.index.reset(faiss::read_index(&reader));
  } catch (const std::exception& e) {
    throw Error(ErrorCode::kData, "[" + file.string() + "] written by FAISS " + written_by + ", this program has " +
                                      faiss_compat::version() + " and cannot read it: " + faiss_compat::reason(e));
  }
  out.inspect();
  return out;
}

}  // namespace winnow
