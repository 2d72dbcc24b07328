// Soft limits of the process (ulimit) for the duration of a test.
#pragma once

#include <sys/resource.h>

#include <cstdint>

#include "base/system/memory_info.h"

namespace styletransfer {

/// Sets a soft limit during its lifetime.
class SoftLimit {
 public:
  SoftLimit(__rlimit_resource_t resource, std::uint64_t bytes) : resource_(resource) {
    ::getrlimit(resource_, &before_);
    rlimit lower = before_;
    lower.rlim_cur = bytes;
    ::setrlimit(resource_, &lower);
  }
  ~SoftLimit() { ::setrlimit(resource_, &before_); }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;

 private:
  __rlimit_resource_t resource_;
  rlimit before_{};
};

/// Returns the address space in use.
inline std::uint64_t address_space_in_use() {
  // Only a limit is measured: one that is far above.
  const SoftLimit far(RLIMIT_AS, std::uint64_t{1} << 46);
  for (const MemoryLimit& limit : memory_limits()) {
    if (limit.kind == MemoryLimit::Kind::kAddressSpace) return limit.used_bytes;
  }
  return 0;
}

}  // namespace styletransfer
