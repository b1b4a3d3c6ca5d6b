#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/files.h"

namespace winnow {

enum class PickleKind { kNone, kBool, kInt, kFloat, kText, kBytes, kList, kTuple, kDict, kArray, kDtype, kGlobal };

struct PickleDocument;

/// A handle to one value of a document, which must outlive it. Every accessor that does not fit the value throws
/// Error(kData) naming the file and the byte offset of the value. Text and bytes are views into the document.
class PickleValue {
 public:
  PickleValue(const PickleDocument* document, uint32_t node) : document_(document), node_(node) {}

  PickleKind kind() const;
  uint64_t offset() const;         ///< of the opcode that made it
  bool boolean() const;            ///< a bool, a 0-d array of bool, or the numbers 0 and 1
  int64_t integer() const;         ///< an int, a bool, or a 0-d array of integers
  double number() const;           ///< an int, a float, or a 0-d array of numbers
  std::string_view text() const;   ///< text or a Python 2 byte string; not checked for UTF-8
  std::string_view bytes() const;  ///< a byte string, or the elements of an array of uint8 of any shape

  /// Lists and tuples; an array counts along its first axis in size() only.
  size_t size() const;
  PickleValue at(size_t i) const;
  bool has(std::string_view key) const;         ///< of a dict
  PickleValue get(std::string_view key) const;  ///< of a dict; the last of equal keys. @throws also when missing

  /// A list or tuple of numbers, or a 1-d array.
  std::vector<int64_t> integers() const;
  std::vector<double> numbers() const;
  std::vector<int64_t> shape() const;         ///< of an array
  std::vector<PickleValue> elements() const;  ///< of a list or tuple

  [[noreturn]] void fail(const std::string& required) const;

 private:
  std::vector<double> array_values() const;
  const PickleDocument* document_;
  uint32_t node_;
};

/// A Python pickle read through a whitelist, protocols 0 to 5. NOTHING is executed: the reader knows None, bools, ints
/// of 64 bits, floats, text, byte strings, lists, tuples, dicts, NumPy arrays and scalars of plain numbers, and the
/// calls by which Python writes those (_codecs.encode, numpy _reconstruct, _frombuffer, scalar, ndarray, dtype, bytes,
/// bytearray). Every other global, class or opcode is an error. Memory stays within a constant times the file's size.
/// Serves ground truth of Revisited Oxford/Paris (retrieval.md 1.3) and InsightFace .bin files (face.md 2.2).
/// Not thread-safe while reading; afterwards any number of threads may read values.
struct PickleDocument {
  struct Node {
    PickleKind kind = PickleKind::kNone;
    uint64_t offset = 0;
    int64_t integer = 0;  ///< also bool; dtype and array: bytes an element
    double real = 0;
    std::string_view bytes;       ///< text, bytes, elements of an array, name of a global, code of a dtype ("i8")
    std::vector<uint32_t> items;  ///< list, tuple; dict: key, value, key, ...
    std::vector<int64_t> shape;   ///< array
    char type = 0;                ///< array: 'b' 'i' 'u' 'f'
  };

  PickleValue root() const { return {this, top}; }

  std::string name;                 ///< of the file, for messages
  std::deque<Node> nodes;           ///< references stay valid as it grows
  std::deque<std::string> decoded;  ///< bytes that the file holds in another encoding
  MappedFile file;
  uint32_t top = 0;
};

/// @throws Error(kNotFound), Error(kData) `[pickle] FILE: offset N: ...` for truncation, damage, an opcode or a global
/// outside the whitelist, a big-endian or object array, bytes after the end
std::unique_ptr<PickleDocument> read_pickle(const fs::path& file);
/// `bytes` must outlive the document.
std::unique_ptr<PickleDocument> parse_pickle(std::string_view bytes, const std::string& name);

}  // namespace winnow
