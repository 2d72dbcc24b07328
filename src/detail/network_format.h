// What the reader and the writer of network files agree on.
#pragma once

#include <cstdint>

namespace styletransfer::detail {

inline constexpr std::int64_t kNetworkFormatVersion = 1;

}  // namespace styletransfer::detail
