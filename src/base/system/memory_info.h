// Memory available to this process: the machine's free memory and every limit that applies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace styletransfer {

/// A memory limit and its current use.
struct MemoryLimit {
  enum class Kind {
    /// The machine's memory.
    kSystem,
    /// Limit of a cgroup, this process's own or a parent.
    kCgroup,
    /// RLIMIT_AS, RLIMIT_DATA: `ulimit -v`, `ulimit -d`.
    kAddressSpace,
    kDataSegment,
  };
  Kind kind = Kind::kSystem;
  std::uint64_t limit_bytes = 0;
  /// Excludes memory that the kernel reclaims on demand (clean file cache).
  std::uint64_t used_bytes = 0;
  /// kCgroup: the file that contains the limit.
  std::string file;

  [[nodiscard]] std::uint64_t free_bytes() const {
    return limit_bytes > used_bytes ? limit_bytes - used_bytes : 0;
  }
};

/// Returns every limit on this process, measured now; the first is the machine's. `root` replaces
/// "/" in every path that is read.
[[nodiscard]] std::vector<MemoryLimit> memory_limits(const std::filesystem::path& root = "/");

/// Returns the limit with the least free memory, which is the one that applies.
[[nodiscard]] MemoryLimit tightest_memory_limit(const std::filesystem::path& root = "/");

/// Returns the bytes that may be planned with: what a limit leaves, minus a tenth as reserve.
[[nodiscard]] std::int64_t memory_budget_bytes(const MemoryLimit& limit);

/// Returns the tightest of the limits that end a process which exceeds them: all but the machine's,
/// since other processes may free memory. nullopt if there are none.
[[nodiscard]] std::optional<MemoryLimit> tightest_enforced_limit(
    const std::filesystem::path& root = "/");

/// Describes a limit: "limit of 600 MB in /sys/fs/cgroup/job_7/memory.max, 105 MB in use".
[[nodiscard]] std::string memory_limit_text(const MemoryLimit& limit);

/// Suggests what the user can do about a limit: "raise `ulimit -v`".
[[nodiscard]] std::string memory_limit_remedy(const MemoryLimit& limit);

}  // namespace styletransfer
