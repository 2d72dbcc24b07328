// Error messages for TIFF files that libtiff cannot read: truncated, damaged, or unsupported.
#pragma once

#include <tiffio.h>

#include <string>

#include "image/codecs/decoder.h"

namespace styletransfer {

/// Reports a file that libtiff cannot open at all. Throws DecodeError.
[[noreturn]] void fail_opening_tiff(ByteView bytes);

/// Reports a page whose rows libtiff cannot read. `fallback`: the message if the library gives
/// none. Throws DecodeError.
[[noreturn]] void fail_reading_tiff(TIFF* tiff, std::size_t file_bytes,
                                    const std::string& fallback);

}  // namespace styletransfer
