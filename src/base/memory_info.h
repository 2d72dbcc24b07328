// How much memory this process may use: what the machine has free, and every limit that holds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace styletransfer {

/// One limit, and how much of it is in use now.
struct MemoryLimit {
  enum class Kind {
    /// The machine's memory.
    kSystem,
    /// A control group's, this process's own or a parent's.
    kCgroup,
    /// RLIMIT_AS, RLIMIT_DATA: `ulimit -v`, `ulimit -d`.
    kAddressSpace,
    kDataSegment,
  };
  Kind kind = Kind::kSystem;
  std::uint64_t limit_bytes = 0;
  /// Without what the kernel gives back when somebody asks for memory (clean file cache).
  std::uint64_t used_bytes = 0;
  /// A control group's: the file that says so.
  std::string file;

  [[nodiscard]] std::uint64_t free_bytes() const {
    return limit_bytes > used_bytes ? limit_bytes - used_bytes : 0;
  }
};

/// Every limit on this process, measured now; the first is the machine's. `root` stands for "/" in
/// front of every path that is read.
[[nodiscard]] std::vector<MemoryLimit> memory_limits(const std::filesystem::path& root = "/");

/// The one that leaves the least, and so decides.
[[nodiscard]] MemoryLimit tightest_memory_limit(const std::filesystem::path& root = "/");

/// What may be planned with: what a limit leaves, minus a tenth for what no plan foresees.
[[nodiscard]] std::int64_t memory_budget_bytes(const MemoryLimit& limit);

/// The tightest of the limits that end a process which exceeds them: all but the machine's, whose
/// free memory others may give back. Nothing where there are none.
[[nodiscard]] std::optional<MemoryLimit> tightest_enforced_limit(
    const std::filesystem::path& root = "/");

/// "limit of 600 MB in /sys/fs/cgroup/job_7/memory.max, 105 MB in use".
[[nodiscard]] std::string memory_limit_in_words(const MemoryLimit& limit);

/// What the user can do about it: "raise `ulimit -v`".
[[nodiscard]] std::string memory_limit_remedy(const MemoryLimit& limit);

}  // namespace styletransfer
