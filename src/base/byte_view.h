// A non-owning view of bytes in memory.
#pragma once

#include <cstdint>
#include <span>

namespace styletransfer {

using ByteView = std::span<const std::uint8_t>;

}  // namespace styletransfer
