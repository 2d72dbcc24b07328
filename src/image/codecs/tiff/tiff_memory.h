// libtiff I/O on bytes in memory.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>

#include "image/codecs/decoder.h"

namespace styletransfer {

/// Must outlive the handle opened on it.
struct TiffMemory {
  ByteView bytes;
  std::uint64_t position = 0;
};

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

/// Opens for reading; null when libtiff rejects the header. Silences libtiff's own messages.
[[nodiscard]] TiffHandle open_tiff_in_memory(TiffMemory& memory);

/// Returns and clears libtiff's first error on this thread since the last call; empty: none.
std::string take_tiff_error();

/// Redirects libtiff's errors from stderr to take_tiff_error().
void capture_tiff_errors();

}  // namespace styletransfer
