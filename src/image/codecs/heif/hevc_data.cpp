#include "image/codecs/heif/hevc_data.h"

#include <cstring>

#include "base/big_endian.h"

namespace styletransfer {

std::optional<std::size_t> impossible_hevc_byte(ByteView data) {
  // Every known writer uses this length; libheif assumes it.
  constexpr std::size_t kLengthBytes = 4;
  constexpr std::size_t kUnitHeaderBytes = 2;
  std::size_t begin = 0;
  while (begin < data.size()) {
    BigEndianReader reader(data.subspan(begin));
    const auto length = static_cast<std::size_t>(reader.number(kLengthBytes));
    if (!reader.ok() || length < kUnitHeaderBytes || length > reader.left()) return begin;
    begin += kLengthBytes;
    const ByteView unit = data.subspan(begin, length);
    std::size_t at = 0;
    while (at + 2 < unit.size()) {
      const void* zero = std::memchr(unit.data() + at, 0, unit.size() - 2 - at);
      if (zero == nullptr) break;
      at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(zero) - unit.data());
      if (unit[at + 1] == 0 && unit[at + 2] <= 2) return begin + at;
      ++at;
    }
    begin += length;
  }
  return std::nullopt;
}

}  // namespace styletransfer
