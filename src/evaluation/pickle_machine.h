#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "src/evaluation/pickle.h"

namespace winnow::detail {

/// The stack machine a pickle is a program for, reduced to what builds plain values (pickle.h). Opcodes that carry an
/// argument consume it here; calls are looked up in a fixed list (pickle_calls.cpp).
class PickleMachine {
 public:
  PickleMachine(PickleDocument& document, std::string_view bytes) : document_(document), bytes_(bytes) {}
  void run();

 private:
  using Node = PickleDocument::Node;

  // Reading the program.
  [[noreturn]] void fail(const std::string& what) const;
  std::string_view take(uint64_t n);
  std::string_view line();
  uint64_t unsigned_of(int n);
  bool step(unsigned char op);  ///< false at STOP
  bool scalar(unsigned char op);
  bool text(unsigned char op);
  bool container(unsigned char op);
  bool memo(unsigned char op);
  void integer_line();
  void long_bytes(uint64_t n);
  void escaped_line(bool python2);
  std::string unescape(std::string_view from) const;

  // The stack.
  Node& push(PickleKind kind);
  void push_bytes(PickleKind kind, std::string_view value) { push(kind).bytes = value; }
  void push_index(uint32_t node) { stack_.push_back(node); }
  uint32_t pop();
  Node& top(PickleKind kind);
  std::vector<uint32_t> pop_to_mark();
  void tuple_of(std::vector<uint32_t> items) { push(PickleKind::kTuple).items = std::move(items); }
  void store(uint64_t key);
  void load(uint64_t key);

  // Calls of the whitelist, in pickle_calls.cpp.
  void global(std::string_view module, std::string_view name);
  void reduce();
  void build();
  void encode(const Node& arguments);
  void make_dtype(const Node& arguments);
  void make_array(const Node& dtype, std::vector<int64_t> shape, std::string_view data, uint32_t into);
  std::vector<int64_t> shape_of(const Node& tuple) const;
  const Node& item(const Node& tuple, size_t i, PickleKind kind) const;
  std::string_view latin1(std::string_view utf8);

  PickleDocument& document_;
  std::string_view bytes_;
  uint64_t at_ = 0, opcode_at_ = 0, decoded_bytes_ = 0;
  std::vector<uint32_t> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, uint32_t> memo_;
};

}  // namespace winnow::detail
