// Control groups (cgroups) of this process.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace styletransfer {

enum class CgroupVersion { kV1, kV2 };

/// One directory of a cgroup hierarchy that this process belongs to.
struct Cgroup {
  CgroupVersion version = CgroupVersion::kV2;
  std::filesystem::path directory;
  /// True for the process's own group, false for a parent.
  bool is_own = false;
};

/// Returns the groups whose `controller` ("memory", "cpu") may limit this process, in all
/// hierarchies: its own group and every mounted parent, innermost first. The own group comes from
/// /proc/self/cgroup and the mount points from /proc/self/mountinfo, so this works inside and
/// outside a cgroup namespace, for v1, v2 and both side by side. Directories need not exist (a
/// group may have been removed, or its mount hidden): whatever cannot be read there sets no limit.
/// `root` replaces "/" in every path that is read.
[[nodiscard]] std::vector<Cgroup> own_cgroups(const std::string& controller,
                                              const std::filesystem::path& root = "/");

}  // namespace styletransfer
