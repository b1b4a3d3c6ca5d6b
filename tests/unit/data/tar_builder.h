#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace winnow::test {

/// Writes tar archives byte by byte, right or wrong as a test wants them.
class TarBuilder {
 public:
  static constexpr size_t kBlock = 512;

  /// One header block with a right checksum.
  static std::string header(std::string_view name, uint64_t size, char type = '0', std::string_view prefix = {}) {
    std::string block(kBlock, '\0');
    put(block, 0, name.substr(0, 100));
    put(block, 100, "0000644");
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, octal(size, 11));
    put(block, 136, octal(0, 11));
    block[156] = type;
    put(block, 257,
        std::string_view("ustar\0"
                         "00",
                         8));
    put(block, 345, prefix);
    seal(block);
    return block;
  }

  static void seal(std::string& block) {
    put(block, 148, "        ");
    uint64_t sum = 0;
    for (const char c : block.substr(0, kBlock)) sum += static_cast<unsigned char>(c);
    put(block, 148, octal(sum, 6) + std::string("\0 ", 2));
  }

  static std::string padded(std::string text) {
    text.resize((text.size() + kBlock - 1) / kBlock * kBlock, '\0');
    return text;
  }

  TarBuilder& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  TarBuilder& add(std::string_view name, const std::string& content, char type = '0', std::string_view prefix = {}) {
    return raw(header(name, content.size(), type, prefix)).raw(padded(content));
  }
  TarBuilder& add_gnu_long(const std::string& name, const std::string& content) {
    return add("././@LongLink", name + '\0', 'L').add(name, content);
  }
  TarBuilder& add_pax(const std::string& records, std::string_view name, const std::string& content) {
    return add("PaxHeaders/x", records, 'x').add(name, content);
  }
  TarBuilder& end() { return raw(std::string(2 * kBlock, '\0')); }
  const std::string& bytes() const { return bytes_; }

  /// "LENGTH KEY=VALUE\n", the length counting itself.
  static std::string pax_record(const std::string& key, const std::string& value) {
    const std::string rest = " " + key + "=" + value + "\n";
    size_t length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) ++length;
    return std::to_string(length) + rest;
  }

 private:
  static void put(std::string& block, size_t at, std::string_view text) { text.copy(block.data() + at, text.size()); }
  static std::string octal(uint64_t value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    return text;
  }
  std::string bytes_;
};

}  // namespace winnow::test
