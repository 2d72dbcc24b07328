// How many processors this process may really use.
#pragma once

#include <filesystem>
#include <string>

namespace styletransfer {

struct ProcessorLimit {
  /// Threads that can run at the same time; at least 1.
  int threads = 1;
  /// What set the number: "one per physical core that the process may use".
  std::string reason;
};

/// The physical cores of the processors in this process's affinity (two hardware threads of one
/// core count once), and no more than the CPU quota of its control group and of every parent
/// allows, rounded down. `root` stands for "/" in front of every path that is read.
[[nodiscard]] ProcessorLimit processor_limit(const std::filesystem::path& root = "/");

}  // namespace styletransfer
