// Number of processors that this process may use.
#pragma once

#include <filesystem>
#include <string>

namespace styletransfer {

struct ProcessorLimit {
  /// Threads that can run at the same time; at least 1.
  int threads = 1;
  /// Origin of the number: "one per physical core that the process may use".
  std::string reason;
};

/// Returns the number of physical cores in this process's affinity mask (two hardware threads of
/// one core count once), capped by the CPU quota of its cgroup and of every parent, rounded down.
/// `root` replaces "/" in every path that is read.
[[nodiscard]] ProcessorLimit processor_limit(const std::filesystem::path& root = "/");

}  // namespace styletransfer
