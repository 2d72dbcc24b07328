// Version of the network file format, shared by reader and writer.
#pragma once

#include <cstdint>

namespace styletransfer::detail {

inline constexpr std::int64_t kNetworkFormatVersion = 1;

}  // namespace styletransfer::detail
