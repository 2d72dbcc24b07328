// HEVC data in HEIF files: NAL units with length prefixes.
#pragma once

#include <cstddef>
#include <optional>

#include "image/codecs/decoder.h"

namespace styletransfer {

/// Returns the position where the data violates the rules of every HEVC stream: a length that does
/// not fit, or the bytes 0 0 0..2 within a unit, which emulation prevention excludes (ITU-T H.265,
/// 7.4.2). Decoders continue silently with wrong pixels. nullopt: no violation.
[[nodiscard]] std::optional<std::size_t> impossible_hevc_byte(ByteView data);

}  // namespace styletransfer
