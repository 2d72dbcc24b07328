// Machine that a run used.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::cli {

struct MachineFacts {
  /// "AMD EPYC 7B13"; the architecture if unknown.
  std::string processor;
  int logical_cores = 0;
  std::int64_t memory_bytes = 0;
  /// "Linux 6.1.0 x86_64".
  std::string system;
};

[[nodiscard]] MachineFacts machine_facts();

/// The current time, "2026-11-25T07:10:30Z".
[[nodiscard]] std::string utc_now_text();

}  // namespace styletransfer::cli
