// Memory of the network itself, checked before it is taken.
#pragma once

#include <cstdint>

namespace styletransfer::detail {

/// Throws UsageError when `bytes` for the network and the smallest run exceed a limit that ends the
/// process (base/system/memory_info.h): no size of image would fit then. Names the limit, what is
/// needed and what is free.
void require_network_memory(std::int64_t bytes);

}  // namespace styletransfer::detail
