#include "src/evaluation/pickle_machine.h"

#include <charconv>
#include <cstdio>
#include <cstring>

#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"

namespace winnow {
namespace detail {
namespace {

constexpr size_t kMostNodes = size_t{1} << 22;

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 63))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 63)),
            static_cast<char>(0x80 | (c & 63))};
  } else {
    out += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 63)),
            static_cast<char>(0x80 | ((c >> 6) & 63)), static_cast<char>(0x80 | (c & 63))};
  }
}

}  // namespace

void PickleMachine::fail(const std::string& what) const {
  throw Error(ErrorCode::kData,
              "[pickle] " + document_.name + ": offset " + std::to_string(opcode_at_) + ": " + shown(what, 300));
}

std::string_view PickleMachine::take(uint64_t n) {
  if (n > bytes_.size() - at_)
    fail(std::to_string(n) + " bytes are required, but the file ends after " + std::to_string(bytes_.size() - at_) +
         " (truncated)");
  const auto out = bytes_.substr(at_, n);
  at_ += n;
  return out;
}

std::string_view PickleMachine::line() {
  const auto end = bytes_.find('\n', at_);
  if (end == std::string_view::npos) fail("a line is required, but the file ends (truncated)");
  const auto out = bytes_.substr(at_, end - at_);
  at_ = end + 1;
  return out;
}

uint64_t PickleMachine::unsigned_of(int n) {
  uint64_t out = 0;
  const auto raw = take(static_cast<uint64_t>(n));
  for (int i = n; i-- > 0;) out = out << 8 | static_cast<unsigned char>(raw[static_cast<size_t>(i)]);
  return out;
}

PickleMachine::Node& PickleMachine::push(PickleKind kind) {
  if (document_.nodes.size() >= kMostNodes) fail("at most " + std::to_string(kMostNodes) + " values are read");
  stack_.push_back(static_cast<uint32_t>(document_.nodes.size()));
  auto& node = document_.nodes.emplace_back();
  node.kind = kind;
  node.offset = opcode_at_;
  return node;
}

uint32_t PickleMachine::pop() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("a value is required, but the stack is empty");
  const uint32_t out = stack_.back();
  stack_.pop_back();
  return out;
}

PickleMachine::Node& PickleMachine::top(PickleKind kind) {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()) || document_.nodes[stack_.back()].kind != kind)
    fail("the value below must be of another kind");
  return document_.nodes[stack_.back()];
}

std::vector<uint32_t> PickleMachine::pop_to_mark() {
  if (marks_.empty()) fail("a mark is required, but there is none");
  std::vector<uint32_t> out(stack_.begin() + static_cast<int64_t>(marks_.back()), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return out;
}

void PickleMachine::store(uint64_t key) {
  if (stack_.empty()) fail("a value is required, but the stack is empty");
  memo_[key] = stack_.back();
}

void PickleMachine::load(uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) fail("memo " + std::to_string(key) + " was never stored");
  stack_.push_back(found->second);
}

void PickleMachine::integer_line() {
  auto text = line();
  const bool is_bool = text == "00" || text == "01";
  if (!text.empty() && text.back() == 'L') text.remove_suffix(1);
  const auto value = parse_int(text);
  if (!value) fail("an integer of 64 bits is required");
  push(is_bool ? PickleKind::kBool : PickleKind::kInt).integer = *value;
}

void PickleMachine::long_bytes(uint64_t n) {
  if (n > 8) fail("integers have at most 64 bits, given " + std::to_string(n) + " bytes");
  const uint64_t raw = unsigned_of(static_cast<int>(n));
  const int unused = 64 - static_cast<int>(n) * 8;
  push(PickleKind::kInt).integer = n == 0 ? 0 : static_cast<int64_t>(raw << unused) >> unused;
}

/// Python's escapes of str (protocol 0): backslash with x, u, U, an octal digit, n, t, r, a quote or a backslash.
std::string PickleMachine::unescape(std::string_view from) const {
  std::string out;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] != '\\' || i + 1 == from.size()) {
      out += from[i];
      continue;
    }
    const char kind = from[++i];
    const std::string_view simple = "n\nt\tr\r\\\\'\'\"\"";
    if (kind != 'x') {
      const auto found = simple.find(kind);
      if (found == std::string_view::npos || found % 2 == 1) fail("an escape of a byte string that is known");
      out += simple[found + 1];
      continue;
    }
    unsigned value = 0;
    const auto digits = from.substr(i + 1, 2);
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    if (digits.size() != 2 || end != digits.data() + 2) fail("two hexadecimal digits are required after \\x");
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

void PickleMachine::escaped_line(bool python2) {
  auto from = line();
  if (python2) {
    if (from.size() < 2 || from.front() != from.back() || (from[0] != '\'' && from[0] != '"'))
      fail("a quoted string is required");
    document_.decoded.push_back(unescape(from.substr(1, from.size() - 2)));
    return push_bytes(PickleKind::kBytes, document_.decoded.back());
  }
  // raw-unicode-escape: \uXXXX and \UXXXXXXXX are characters, any other byte is the Latin-1 character of its number.
  std::string out;
  for (size_t i = 0; i < from.size(); ++i) {
    const size_t digits = from.substr(i, 2) == "\\u" ? 4 : from.substr(i, 2) == "\\U" ? 8 : 0;
    if (digits == 0) {
      append_utf8(out, static_cast<unsigned char>(from[i]));
      continue;
    }
    uint32_t c = 0;
    const auto number = from.substr(i + 2, digits);
    const auto end = std::from_chars(number.data(), number.data() + number.size(), c, 16).ptr;
    if (number.size() != digits || end != number.data() + digits || c > 0x10FFFF)
      fail("a character number is required");
    append_utf8(out, c);
    i += digits + 1;
  }
  document_.decoded.push_back(std::move(out));
  push_bytes(PickleKind::kText, document_.decoded.back());
}

bool PickleMachine::scalar(unsigned char op) {
  switch (op) {
    case 'N': push(PickleKind::kNone); return true;
    case 0x88: push(PickleKind::kBool).integer = 1; return true;
    case 0x89: push(PickleKind::kBool); return true;
    case 'I':
    case 'L': integer_line(); return true;
    case 'J': push(PickleKind::kInt).integer = static_cast<int32_t>(unsigned_of(4)); return true;
    case 'K': push(PickleKind::kInt).integer = static_cast<int64_t>(unsigned_of(1)); return true;
    case 'M': push(PickleKind::kInt).integer = static_cast<int64_t>(unsigned_of(2)); return true;
    case 0x8A: long_bytes(unsigned_of(1)); return true;
    case 0x8B: long_bytes(unsigned_of(4)); return true;
    case 'F': {
      const auto value = parse_double(line());
      if (!value) fail("a finite number is required");
      push(PickleKind::kFloat).real = *value;
      return true;
    }
    case 'G': {
      const uint64_t bits = __builtin_bswap64(unsigned_of(8));
      std::memcpy(&push(PickleKind::kFloat).real, &bits, 8);
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::text(unsigned char op) {
  switch (op) {
    case 'S': escaped_line(true); return true;
    case 'V': escaped_line(false); return true;
    case 'U':
    case 'C': push_bytes(PickleKind::kBytes, take(unsigned_of(1))); return true;
    case 'T':
    case 'B': push_bytes(PickleKind::kBytes, take(unsigned_of(4))); return true;
    case 0x8E:
    case 0x96: push_bytes(PickleKind::kBytes, take(unsigned_of(8))); return true;
    case 0x8C: push_bytes(PickleKind::kText, take(unsigned_of(1))); return true;
    case 'X': push_bytes(PickleKind::kText, take(unsigned_of(4))); return true;
    case 0x8D: push_bytes(PickleKind::kText, take(unsigned_of(8))); return true;
    default: return false;
  }
}

bool PickleMachine::container(unsigned char op) {
  switch (op) {
    case '(': marks_.push_back(stack_.size()); return true;
    case ']': push(PickleKind::kList); return true;
    case '}': push(PickleKind::kDict); return true;
    case ')': push(PickleKind::kTuple); return true;
    case 'l': {
      auto items = pop_to_mark();
      push(PickleKind::kList).items = std::move(items);
      return true;
    }
    case 't': tuple_of(pop_to_mark()); return true;
    case 0x85:
    case 0x86:
    case 0x87: {
      std::vector<uint32_t> items(static_cast<size_t>(op - 0x84));
      for (size_t i = items.size(); i-- > 0;) items[i] = pop();
      tuple_of(std::move(items));
      return true;
    }
    case 'a':
    case 'e': {
      const auto items = op == 'e' ? pop_to_mark() : std::vector<uint32_t>{pop()};
      auto& list = top(PickleKind::kList).items;
      list.insert(list.end(), items.begin(), items.end());
      return true;
    }
    case 'd':
    case 'u':
    case 's': {
      std::vector<uint32_t> items(2);
      if (op == 's') {
        items[1] = pop();
        items[0] = pop();
      } else {
        items = pop_to_mark();
      }
      if (items.size() % 2 != 0) fail("keys and values must come in pairs");
      auto& dict = (op == 'd' ? push(PickleKind::kDict) : top(PickleKind::kDict)).items;
      dict.insert(dict.end(), items.begin(), items.end());
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::memo(unsigned char op) {
  switch (op) {
    case 0x94: store(memo_.size()); return true;
    case 'q': store(unsigned_of(1)); return true;
    case 'r': store(unsigned_of(4)); return true;
    case 'h': load(unsigned_of(1)); return true;
    case 'j': load(unsigned_of(4)); return true;
    case 'p':
    case 'g': {
      const auto key = parse_int(line());
      if (!key || *key < 0) fail("a memo number is required");
      op == 'p' ? store(static_cast<uint64_t>(*key)) : load(static_cast<uint64_t>(*key));
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::step(unsigned char op) {
  if (op == '.') return false;
  if (scalar(op) || text(op) || container(op) || memo(op)) return true;
  switch (op) {
    case 0x80:
      if (const auto version = unsigned_of(1); version > 5) fail("protocol 0 to 5, given " + std::to_string(version));
      return true;
    case 0x95: unsigned_of(8); return true;
    case 'c': {
      const auto module = line();
      global(module, line());
      return true;
    }
    case 0x93: {
      const Node& name = document_.nodes[pop()];
      const Node& module = document_.nodes[pop()];
      if (name.kind != PickleKind::kText || module.kind != PickleKind::kText) fail("a global's name must be text");
      global(module.bytes, name.bytes);
      return true;
    }
    case 'R': reduce(); return true;
    case 'b': build(); return true;
    default: break;
  }
  char hex[8];
  std::snprintf(hex, sizeof hex, "0x%02x", op);
  fail(std::string("opcode ") + hex + " is not on the whitelist");
}

void PickleMachine::run() {
  for (;;) {
    opcode_at_ = at_;
    if (!step(static_cast<unsigned char>(take(1)[0]))) break;
  }
  document_.top = pop();
  if (!stack_.empty() || !marks_.empty()) fail("one value is required at the end, but more are on the stack");
  if (at_ != bytes_.size()) fail(std::to_string(bytes_.size() - at_) + " bytes follow the end of the pickle");
}

}  // namespace detail

std::unique_ptr<PickleDocument> parse_pickle(std::string_view bytes, const std::string& name) {
  auto out = std::make_unique<PickleDocument>();
  out->name = name;
  detail::PickleMachine(*out, bytes).run();
  return out;
}

std::unique_ptr<PickleDocument> read_pickle(const fs::path& file) {
  auto out = std::make_unique<PickleDocument>();
  out->name = file.string();
  out->file = MappedFile(file);
  const auto bytes = out->file.bytes();
  detail::PickleMachine(*out, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).run();
  return out;
}

}  // namespace winnow
