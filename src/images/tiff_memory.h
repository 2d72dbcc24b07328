// libtiff on bytes in memory.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>

#include "images/decoder.h"

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

/// For reading; empty when libtiff refuses the header. Silences libtiff's own messages.
[[nodiscard]] TiffHandle open_tiff_in_memory(TiffMemory& memory);

/// libtiff's first error on this thread since the last call; empty: none.
std::string take_tiff_error();

/// From now on libtiff's errors go to take_tiff_error() and nothing to stderr.
void keep_tiff_errors();

}  // namespace styletransfer
