// Band-wise reading of TIFF rows that are stored in tiles or in separate planes.
#pragma once

#include <tiffio.h>

#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// An upper bound of the compression ratio of deflate and LZW.
inline constexpr std::uint64_t kMaxTiffCompression = 2048;

/// A band is one row of tiles, or the rows of one strip; its samples are interleaved, rows padded
/// to whole bytes.
class TiffBands {
 public:
  TiffBands(TIFF* tiff, std::size_t file_bytes, Size size, int bits, int samples, bool planes_apart)
      : tiff_(tiff),
        file_bytes_(file_bytes),
        size_(size),
        bits_(bits),
        samples_(samples),
        planes_apart_(planes_apart) {}

  [[nodiscard]] std::size_t row_bytes() const;
  [[nodiscard]] std::uint32_t band_height() const;
  /// Memory for reading, including the caller's band.
  [[nodiscard]] std::size_t working_bytes() const;

  /// Reads the band whose first row is `top`. Throws DecodeError.
  void read(std::uint32_t top, std::vector<std::uint8_t>& band) const;

 private:
  [[nodiscard]] bool is_tiled() const { return TIFFIsTiled(tiff_) != 0; }
  [[nodiscard]] std::uint32_t rows_from(std::uint32_t top) const;
  [[nodiscard]] std::size_t checked_tile_bytes(std::uint32_t tile_width, std::uint32_t rows) const;
  void read_strips(std::uint32_t top, std::vector<std::uint8_t>& band) const;
  void read_tiles(std::uint32_t top, std::vector<std::uint8_t>& band) const;
  void copy_samples(const std::uint8_t* from, std::size_t count, std::uint8_t* row,
                    std::size_t first_pixel, int plane) const;

  TIFF* tiff_;
  std::size_t file_bytes_;
  Size size_;
  int bits_;
  int samples_;
  bool planes_apart_;
};

}  // namespace styletransfer
