#include "base/system/memory_info.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "base/system/byte_count.h"
#include "base/system/cgroup.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// Parses "key number" lines, with or without a colon after the key.
std::map<std::string, std::uint64_t> numbers_in(const fs::path& path) {
  std::map<std::string, std::uint64_t> numbers;
  std::ifstream file(path);
  std::string key;
  std::uint64_t number = 0;
  std::string unit;
  while (file >> key >> number) {
    if (key.back() == ':') key.pop_back();
    numbers[key] = number;
    std::getline(file, unit);
  }
  return numbers;
}

std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return {};  // missing, or "max"
}

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

/// /proc/self/statm, in bytes.
struct ProcessMemory {
  std::uint64_t address_space = 0;
  std::uint64_t resident = 0;
  std::uint64_t data = 0;
};

ProcessMemory process_memory(const fs::path& root) {
  std::ifstream file(root / "proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  std::uint64_t text = 0;
  std::uint64_t unused = 0;
  std::uint64_t data = 0;
  file >> size >> resident >> shared >> text >> unused >> data;
  return {size * page_bytes(), resident * page_bytes(), data * page_bytes()};
}

MemoryLimit system_limit(const fs::path& root) {
  auto numbers = numbers_in(root / "proc/meminfo");
  MemoryLimit limit;
  if (numbers.count("MemTotal") != 0) {
    constexpr std::uint64_t kKibibyte = 1024;
    // Kernels before 3.14 do not estimate available memory.
    const std::uint64_t available =
        numbers.count("MemAvailable") != 0
            ? numbers["MemAvailable"]
            : numbers["MemFree"] + numbers["Inactive(file)"] + numbers["Active(file)"];
    limit.limit_bytes = numbers["MemTotal"] * kKibibyte;
    limit.used_bytes = limit.limit_bytes - std::min(limit.limit_bytes, available * kKibibyte);
    return limit;
  }
  // Without /proc: free memory, excluding the cache.
  limit.limit_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * page_bytes();
  const std::uint64_t available =
      static_cast<std::uint64_t>(::sysconf(_SC_AVPHYS_PAGES)) * page_bytes();
  limit.used_bytes = limit.limit_bytes - std::min(limit.limit_bytes, available);
  return limit;
}

/// File cache that the kernel drops at once when the group needs memory. Counted from the LRU lists
/// of file pages, which exclude tmpfs; the counter `file` includes it although it cannot be
/// reclaimed. Mapped pages (LibTorch's own code) would be read again right away, and dirty ones
/// must be written first, so neither counts. Half of the kernel's dentry and inode caches count,
/// the same estimate that the kernel makes.
std::uint64_t reclaimable_bytes(const fs::path& group, CgroupVersion version) {
  auto numbers = numbers_in(group / "memory.stat");
  const bool is_v2 = version == CgroupVersion::kV2;
  // In v1, keys without the prefix count the group alone, those with it include its children.
  const std::string prefix = is_v2 ? "" : "total_";
  const auto number = [&](const std::string& key) { return numbers[prefix + key]; };
  const std::string file = is_v2 ? "file_" : "";
  const std::uint64_t listed = number("inactive_file") + number("active_file");
  const std::uint64_t kept = number(is_v2 ? "file_mapped" : "mapped_file") +
                             number(file + "dirty") + number(file + "writeback");
  return listed - std::min(listed, kept) + numbers["slab_reclaimable"] / 2;
}

/// A v1 parent without memory.use_hierarchy does not limit its children.
bool limits_process(const Cgroup& group) {
  return group.is_own || group.version == CgroupVersion::kV2 ||
         number_in(group.directory / "memory.use_hierarchy") != 0U;
}

/// Bytes in use in the group. At least what this process holds, whichever group its pages were
/// charged to.
std::optional<std::uint64_t> used_bytes(const Cgroup& group, std::uint64_t resident_bytes) {
  const bool is_v2 = group.version == CgroupVersion::kV2;
  const auto charged =
      number_in(group.directory / (is_v2 ? "memory.current" : "memory.usage_in_bytes"));
  if (!charged) return {};
  const std::uint64_t reclaimable = reclaimable_bytes(group.directory, group.version);
  return std::max(*charged - std::min(*charged, reclaimable), resident_bytes);
}

void add_cgroup_limits(std::vector<MemoryLimit>& limits, std::uint64_t resident_bytes,
                       const fs::path& root) {
  std::vector<MemoryLimit> inherited;
  for (const Cgroup& group : own_cgroups("memory", root)) {
    if (!limits_process(group)) continue;
    const auto used = used_bytes(group, resident_bytes);
    if (!used) continue;
    const bool is_v2 = group.version == CgroupVersion::kV2;
    // Above memory.high a process is not killed but throttled until it hardly progresses.
    for (const char* name : {"memory.max", "memory.high", "memory.limit_in_bytes"}) {
      const fs::path file = group.directory / name;
      if (const auto limit = number_in(file)) {
        limits.push_back({MemoryLimit::Kind::kCgroup, *limit, *used, file.string()});
      }
    }
    if (is_v2 || !group.is_own) continue;
    // v1 also reports the smallest limit of all parents, including those not mounted here.
    const fs::path file = group.directory / "memory.stat";
    const auto numbers = numbers_in(file);
    const auto lowest = numbers.find("hierarchical_memory_limit");
    if (lowest == numbers.end()) continue;
    inherited.push_back({MemoryLimit::Kind::kCgroup, lowest->second, *used, file.string()});
  }
  // Last, so that the group that sets the same limit is the one named.
  limits.insert(limits.end(), inherited.begin(), inherited.end());
}

void add_process_limit(std::vector<MemoryLimit>& limits, MemoryLimit::Kind kind,
                       __rlimit_resource_t resource, std::uint64_t used_bytes) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  limits.push_back({kind, limit.rlim_cur, used_bytes, ""});
}

bool leaves_less(const MemoryLimit& a, const MemoryLimit& b) {
  return a.free_bytes() < b.free_bytes();
}

}  // namespace

std::vector<MemoryLimit> memory_limits(const fs::path& root) {
  std::vector<MemoryLimit> limits{system_limit(root)};
  const ProcessMemory process = process_memory(root);
  add_cgroup_limits(limits, process.resident, root);
  add_process_limit(limits, MemoryLimit::Kind::kAddressSpace, RLIMIT_AS, process.address_space);
  add_process_limit(limits, MemoryLimit::Kind::kDataSegment, RLIMIT_DATA, process.data);
  return limits;
}

MemoryLimit tightest_memory_limit(const fs::path& root) {
  const std::vector<MemoryLimit> limits = memory_limits(root);
  return *std::min_element(limits.begin(), limits.end(), leaves_less);
}

std::optional<MemoryLimit> tightest_enforced_limit(const fs::path& root) {
  const std::vector<MemoryLimit> limits = memory_limits(root);
  // Skip the first, which is the machine's.
  const auto tightest = std::min_element(limits.begin() + 1, limits.end(), leaves_less);
  if (tightest == limits.end()) return {};
  return *tightest;
}

std::int64_t memory_budget_bytes(const MemoryLimit& limit) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(
      std::min(limit.free_bytes() - limit.free_bytes() / 10, kLargest));
}

std::string memory_limit_text(const MemoryLimit& limit) {
  const auto words = [](std::uint64_t bytes) {
    return detail::memory_text(static_cast<std::int64_t>(bytes));
  };
  const std::string used = ", " + words(limit.used_bytes) + " in use";
  switch (limit.kind) {
    case MemoryLimit::Kind::kCgroup:
      return "limit of " + words(limit.limit_bytes) + " in " + limit.file + used;
    case MemoryLimit::Kind::kAddressSpace:
      return "address space of " + words(limit.limit_bytes) + " (ulimit -v)" + used;
    case MemoryLimit::Kind::kDataSegment:
      return "data segment of " + words(limit.limit_bytes) + " (ulimit -d)" + used;
    default:
      return words(limit.limit_bytes) + " in this machine" + used;
  }
}

std::string memory_limit_remedy(const MemoryLimit& limit) {
  switch (limit.kind) {
    case MemoryLimit::Kind::kCgroup:
      return "raise the limit in " + limit.file;
    case MemoryLimit::Kind::kAddressSpace:
      return "raise `ulimit -v`";
    case MemoryLimit::Kind::kDataSegment:
      return "raise `ulimit -d`";
    default:
      return "free some memory";
  }
}

}  // namespace styletransfer
