#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// A regular file inside a tar: its contents are bytes [offset, offset + size) of the archive.
struct TarMember {
  std::string path;  ///< without a leading "./"
  uint64_t offset = 0, size = 0;
};

struct TarTable {
  std::vector<TarMember> members;  ///< in archive order
  bool has_end_mark = false;       ///< false: the archive stops without its zero block and may be cut off
};

/// Walks every header of an uncompressed v7, ustar, GNU (long names, base-256 sizes) or pax (path, size) archive.
/// Links, devices and folders are passed over. Thread-safe; memory is bounded by the archive's size.
/// @param name  for messages
/// @throws Error(kData) `NAME: byte OFFSET: ...` for a compressed or cut archive, a wrong checksum or number, a member
///         that reaches beyond the end, a sparse or multi-volume member
TarTable read_tar_table(std::span<const std::byte> archive, const std::string& name);

/// A path as the table spells it.
std::string tar_path(std::string path);

}  // namespace winnow
