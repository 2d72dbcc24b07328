// Why libtiff does not read a file: cut, damaged, or of a kind that the library does not know.
#pragma once

#include <tiffio.h>

#include <string>

#include "images/decoder.h"

namespace styletransfer {

/// For a file that libtiff does not open at all. Throws DecodeError.
[[noreturn]] void fail_opening_tiff(ByteView bytes);

/// For a page whose rows libtiff does not return. `fallback`: what happened, where the library says
/// nothing itself. Throws DecodeError.
[[noreturn]] void fail_reading_tiff(TIFF* tiff, std::size_t file_bytes,
                                    const std::string& fallback);

}  // namespace styletransfer
