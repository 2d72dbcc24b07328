// Control groups (cgroups): which of them hold this process.
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
  /// The process's own group, not a parent of it.
  bool is_own = false;
};

/// The groups whose `controller` ("memory", "cpu") may limit this process, in all hierarchies: its
/// own group and every parent that is mounted, from the inside out. The own group comes from
/// /proc/self/cgroup and the mount points from /proc/self/mountinfo, so this holds inside and
/// outside a cgroup namespace, for v1, v2 and both side by side. Directories need not exist (a
/// group may have been removed, or its mount hidden): what cannot be read there sets no limit.
/// `root` stands for "/" in front of every path that is read.
[[nodiscard]] std::vector<Cgroup> own_cgroups(const std::string& controller,
                                              const std::filesystem::path& root = "/");

}  // namespace styletransfer
