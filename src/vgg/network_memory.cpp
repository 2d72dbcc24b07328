#include "vgg/network_memory.h"

#include <optional>

#include "base/system/byte_count.h"
#include "base/system/memory_info.h"
#include "device/thread_start.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {

void require_network_memory(std::int64_t bytes) {
  const std::optional<MemoryLimit> limit = tightest_enforced_limit();
  if (!limit) return;
  const auto free_bytes = static_cast<std::int64_t>(limit->free_bytes());
  if (bytes + kSmallestRunBytes <= free_bytes) return;
  throw UsageError("the network takes " + memory_text(bytes) + " and the smallest image " +
                   memory_text(kSmallestRunBytes) + ", but " + memory_text(free_bytes) +
                   " are left (" + memory_limit_text(*limit) +
                   "); no size would fit: " + memory_limit_remedy(*limit));
}

}  // namespace styletransfer::detail
