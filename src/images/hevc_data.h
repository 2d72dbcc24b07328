// HEVC pictures as HEIF files hold them: units with their lengths before them.
#pragma once

#include <cstddef>
#include <optional>

#include "images/decoder.h"

namespace styletransfer {

/// Where the data breaks the rules that every HEVC stream keeps: a length that does not fit, or
/// three bytes 0 0 0..2 in a unit, which the coding keeps out (ITU-T H.265, 7.4.2). Decoders go on
/// and paint something. Nothing: no such place.
[[nodiscard]] std::optional<std::size_t> impossible_hevc_byte(ByteView data);

}  // namespace styletransfer
