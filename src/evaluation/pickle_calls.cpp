// The calls a pickle may make, each written out; names are compared, never looked up in anything that could run.
#include <algorithm>
#include <array>

#include "src/evaluation/pickle_machine.h"

namespace winnow::detail {
namespace {

/// Allowed globals; numpy.core became numpy._core in NumPy 2, __builtin__ became builtins in Python 3.
constexpr std::array<std::string_view, 13> kAllowed = {"_codecs encode",
                                                       "numpy.core.multiarray _reconstruct",
                                                       "numpy._core.multiarray _reconstruct",
                                                       "numpy ndarray",
                                                       "numpy.core.multiarray scalar",
                                                       "numpy._core.multiarray scalar",
                                                       "numpy dtype",
                                                       "numpy.core.numeric _frombuffer",
                                                       "numpy._core.numeric _frombuffer",
                                                       "__builtin__ bytes",
                                                       "builtins bytes",
                                                       "__builtin__ bytearray",
                                                       "builtins bytearray"};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

void PickleMachine::global(std::string_view module, std::string_view name) {
  const std::string full = std::string(module) + " " + std::string(name);
  const auto found = std::find(kAllowed.begin(), kAllowed.end(), full);
  if (found == kAllowed.end())
    fail("the global '" + std::string(module.substr(0, 80)) + "." + std::string(name.substr(0, 80)) +
         "' is not on the whitelist; nothing of the file was executed");
  push_bytes(PickleKind::kGlobal, *found);
}

const PickleMachine::Node& PickleMachine::item(const Node& tuple, size_t i, PickleKind kind) const {
  if (tuple.kind != PickleKind::kTuple || i >= tuple.items.size()) fail("the call needs more arguments");
  const Node& out = document_.nodes[tuple.items[i]];
  if (out.kind != kind) fail("argument " + std::to_string(i + 1) + " of the call has another kind than it must have");
  return out;
}

/// Python 3 writes bytes for protocol 2 as text of Latin-1 characters; each becomes one byte again.
std::string_view PickleMachine::latin1(std::string_view utf8) {
  decoded_bytes_ += utf8.size();
  if (decoded_bytes_ > bytes_.size()) fail("more decoded bytes than the file has: a file that repeats itself");
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80) {
      out += utf8[i];
    } else if ((c == 0xC2 || c == 0xC3) && i + 1 < utf8.size()) {
      out += static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(utf8[++i]) & 63));
    } else {
      fail("a character past Latin-1 stands in a byte string");
    }
  }
  document_.decoded.push_back(std::move(out));
  return document_.decoded.back();
}

void PickleMachine::encode(const Node& arguments) {
  const auto encoding = item(arguments, 1, PickleKind::kText).bytes;
  if (encoding != "latin1" && encoding != "latin-1") fail("bytes are encoded as latin1 only");
  push_bytes(PickleKind::kBytes, latin1(item(arguments, 0, PickleKind::kText).bytes));
}

void PickleMachine::make_dtype(const Node& arguments) {
  if (arguments.items.empty()) fail("dtype needs a code");
  const Node& code = document_.nodes[arguments.items[0]];
  const auto text = code.bytes;
  constexpr std::array<std::string_view, 11> kCodes = {"b1", "u1", "u2", "u4", "u8", "i1",
                                                       "i2", "i4", "i8", "f4", "f8"};
  if ((code.kind != PickleKind::kText && code.kind != PickleKind::kBytes) ||
      std::find(kCodes.begin(), kCodes.end(), text) == kCodes.end())
    fail("arrays hold bools, integers or floats; given dtype '" + std::string(text.substr(0, 40)) + "'");
  Node& out = push(PickleKind::kDtype);
  out.bytes = text;
  out.type = text[0];
  out.integer = text[1] - '0';
}

std::vector<int64_t> PickleMachine::shape_of(const Node& tuple) const {
  if (tuple.kind != PickleKind::kTuple || tuple.items.size() > 8) fail("a shape of at most 8 axes is required");
  std::vector<int64_t> out;
  for (size_t i = 0; i < tuple.items.size(); ++i) {
    out.push_back(item(tuple, i, PickleKind::kInt).integer);
    if (out.back() < 0) fail("a shape must not be negative");
  }
  return out;
}

void PickleMachine::make_array(const Node& dtype, std::vector<int64_t> shape, std::string_view data, uint32_t into) {
  if (dtype.kind != PickleKind::kDtype) fail("an array needs a dtype");
  const char type = dtype.type;
  const int64_t width = dtype.integer;
  auto expected = static_cast<unsigned __int128>(width);
  for (const int64_t n : shape) {
    expected *= static_cast<unsigned __int128>(n);
    if (expected > bytes_.size()) fail("the array's shape needs more bytes than the file has");
  }
  if (expected != data.size())
    fail("the array's shape needs " + std::to_string(static_cast<uint64_t>(expected)) + " bytes, given " +
         std::to_string(data.size()));
  Node& out = document_.nodes[into];
  out.type = type;
  out.integer = width;
  out.shape = std::move(shape);
  out.bytes = data;
}

void PickleMachine::reduce() {
  const Node& arguments = document_.nodes[pop()];
  const Node& callee = document_.nodes[pop()];
  if (callee.kind != PickleKind::kGlobal || arguments.kind != PickleKind::kTuple)
    fail("a call needs a whitelisted global and a tuple of arguments");
  const auto name = callee.bytes;
  if (name == "_codecs encode" || (ends_with(name, " bytearray") && arguments.items.size() == 2)) {
    encode(arguments);
  } else if (ends_with(name, " bytes") || ends_with(name, " bytearray")) {
    const bool copy = arguments.items.size() == 1;
    if (!copy && !arguments.items.empty()) fail("bytes() takes no argument or a byte string");
    push_bytes(PickleKind::kBytes, copy ? item(arguments, 0, PickleKind::kBytes).bytes : std::string_view());
  } else if (name == "numpy dtype") {
    make_dtype(arguments);
  } else if (ends_with(name, "_reconstruct")) {
    if (item(arguments, 0, PickleKind::kGlobal).bytes != "numpy ndarray") fail("_reconstruct makes arrays only");
    Node& out = push(PickleKind::kArray);
    out.type = 'b';
    out.integer = 1;
    out.shape = {0};
  } else if (ends_with(name, "scalar")) {
    const Node& dtype = item(arguments, 0, PickleKind::kDtype);
    const auto data = item(arguments, 1, PickleKind::kBytes).bytes;
    push(PickleKind::kArray);
    make_array(dtype, {}, data, stack_.back());
  } else if (ends_with(name, "_frombuffer")) {
    const auto data = item(arguments, 0, PickleKind::kBytes).bytes;
    const Node& dtype = item(arguments, 1, PickleKind::kDtype);
    const auto shape = shape_of(item(arguments, 2, PickleKind::kTuple));
    if (item(arguments, 3, PickleKind::kText).bytes != "C" && shape.size() > 1) fail("arrays must be in C order");
    push(PickleKind::kArray);
    make_array(dtype, shape, data, stack_.back());
  } else {
    fail("'" + std::string(name) + "' cannot be called");
  }
}

/// State of a dtype (version, byte order, ...) or of an array (version, shape, dtype, Fortran order, data).
void PickleMachine::build() {
  const Node& state = document_.nodes[pop()];
  if (stack_.empty()) fail("a value is required, but the stack is empty");
  const uint32_t target = stack_.back();
  const auto kind = document_.nodes[target].kind;
  if (state.kind != PickleKind::kTuple) fail("the state of an array or dtype must be a tuple");
  if (kind == PickleKind::kDtype) {
    if (state.items.size() < 2) fail("the state of a dtype names its byte order");
    const auto order = document_.nodes[state.items[1]].bytes;
    if (order != "<" && order != "|" && order != "=") fail("arrays must be little-endian");
  } else if (kind == PickleKind::kArray) {
    if (state.items.size() != 5) fail("the state of an array has 5 parts");
    const auto shape = shape_of(item(state, 1, PickleKind::kTuple));
    const Node& dtype = item(state, 2, PickleKind::kDtype);
    const bool fortran = document_.nodes[state.items[3]].integer != 0;
    if (fortran && shape.size() > 1) fail("arrays must be in C order");
    make_array(dtype, shape, item(state, 4, PickleKind::kBytes).bytes, target);
  } else {
    fail("only an array or a dtype takes a state");
  }
}

}  // namespace winnow::detail
