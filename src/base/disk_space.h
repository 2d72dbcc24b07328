// Room on a disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace styletransfer {

/// Bytes that this user may still write in the folder; nothing where the file system does not say
/// (many network file systems and those made by programs).
[[nodiscard]] std::optional<std::uint64_t> free_disk_bytes(const std::string& folder);

}  // namespace styletransfer
