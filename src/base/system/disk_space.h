// Free disk space, and the largest file that may be written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace styletransfer {

/// Returns the bytes that this user may still write in the folder; nullopt if the file system does
/// not report it (many network and FUSE file systems).
[[nodiscard]] std::optional<std::uint64_t> free_disk_bytes(const std::string& folder);

/// Returns the largest size of a file that this process may write (RLIMIT_FSIZE, `ulimit -f`);
/// nullopt if there is no limit.
[[nodiscard]] std::optional<std::uint64_t> file_size_limit_bytes();

/// Returns "" if a file of at most `bytes` may be written, else what is wrong and the remedy:
/// "needs up to 12 MB and the system allows 1 MB a file; raise `ulimit -f`".
[[nodiscard]] std::string file_size_problem(std::uint64_t bytes);

}  // namespace styletransfer
