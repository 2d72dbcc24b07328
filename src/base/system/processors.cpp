#include "base/system/processors.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/system/cgroup.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// Returns the processors that the process may run on; empty if the system does not report them.
std::vector<int> allowed_processors() {
  // The kernel rejects a set that is too small for all of the machine's processors.
  constexpr int kMaxProcessors = 1 << 16;
  for (int room = CPU_SETSIZE; room <= kMaxProcessors; room *= 2) {
    std::vector<cpu_set_t> set(static_cast<std::size_t>(room / CPU_SETSIZE));
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, set.data()) == 0) {
      std::vector<int> processors;
      for (int number = 0; number < room; ++number) {
        if (CPU_ISSET_S(number, bytes, set.data())) processors.push_back(number);
      }
      return processors;
    }
    if (errno != EINVAL) break;
  }
  return {};
}

int physical_cores(const std::vector<int>& processors, const fs::path& root) {
  std::set<std::string> cores;
  for (const int number : processors) {
    std::ifstream siblings(root / ("sys/devices/system/cpu/cpu" + std::to_string(number)) /
                           "topology/thread_siblings_list");
    std::string key;
    if (!std::getline(siblings, key)) key = std::to_string(number);
    cores.insert(key);
  }
  return static_cast<int>(cores.size());
}

struct CpuQuota {
  double processors = 0.0;
  std::string file;
};

/// Reads the CPU quota. v2: cpu.max "150000 100000", microseconds per period; "max 100000" means no
/// quota. v1: the two numbers in separate files; -1 means no quota.
std::optional<CpuQuota> quota_of(const Cgroup& group) {
  const bool is_v2 = group.version == CgroupVersion::kV2;
  const fs::path path = group.directory / (is_v2 ? "cpu.max" : "cpu.cfs_quota_us");
  std::ifstream file(path);
  std::int64_t quota = 0;
  std::int64_t period = 0;
  if (!(file >> quota)) return {};
  if (is_v2) {
    if (!(file >> period)) return {};
  } else if (!(std::ifstream(group.directory / "cpu.cfs_period_us") >> period)) {
    return {};
  }
  if (quota <= 0 || period <= 0) return {};
  return CpuQuota{static_cast<double>(quota) / static_cast<double>(period), path.string()};
}

std::optional<CpuQuota> smallest_quota(const fs::path& root) {
  std::optional<CpuQuota> smallest;
  for (const Cgroup& group : own_cgroups("cpu", root)) {
    std::optional<CpuQuota> quota = quota_of(group);
    if (quota && (!smallest || quota->processors < smallest->processors)) {
      smallest = std::move(quota);
    }
  }
  return smallest;
}

}  // namespace

ProcessorLimit processor_limit(const fs::path& root) {
  const std::vector<int> processors = allowed_processors();
  ProcessorLimit limit{physical_cores(processors, root),
                       "one per physical core that the process may use"};
  if (processors.empty()) {
    limit = {static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)), "one per processor"};
  }
  limit.threads = std::max(1, limit.threads);
  const std::optional<CpuQuota> quota = smallest_quota(root);
  if (!quota || quota->processors >= limit.threads) return limit;
  const int whole = std::max(1, static_cast<int>(std::floor(quota->processors)));
  if (whole < limit.threads) limit = {whole, "CPU quota in " + quota->file};
  return limit;
}

}  // namespace styletransfer
