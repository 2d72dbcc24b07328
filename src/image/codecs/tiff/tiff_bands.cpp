#include "image/codecs/tiff/tiff_bands.h"

#include <algorithm>
#include <cstring>

#include "image/codecs/decoder.h"
#include "image/codecs/tiff/tiff_errors.h"

namespace styletransfer {
namespace {

// Larger tiles are accepted only from files large enough to fill them.
constexpr std::size_t kTileBytesOfAnyFile = std::size_t{1} << 26;

std::uint32_t number_tag(TIFF* tiff, ttag_t name, std::uint32_t value) {
  TIFFGetFieldDefaulted(tiff, name, &value);
  return value;
}

/// Copies one sample of `bits` bits, packed from the high end of the bytes.
void copy_bits(const std::uint8_t* from, std::size_t from_bit, std::uint8_t* to, std::size_t to_bit,
               int bits) {
  for (int i = 0; i < bits; ++i, ++from_bit, ++to_bit) {
    const unsigned bit = from[from_bit / 8] >> (7 - from_bit % 8) & 1U;
    const auto mask = static_cast<std::uint8_t>(0x80U >> (to_bit % 8));
    std::uint8_t& target = to[to_bit / 8];
    target = static_cast<std::uint8_t>(bit != 0 ? target | mask : target & ~mask);
  }
}

}  // namespace

std::size_t TiffBands::row_bytes() const {
  return (static_cast<std::size_t>(size_.width_px) * samples_ * bits_ + 7) / 8;
}

std::uint32_t TiffBands::band_height() const {
  const auto height = static_cast<std::uint32_t>(size_.height_px);
  const std::uint32_t rows = is_tiled() ? number_tag(tiff_, TIFFTAG_TILELENGTH, 0)
                                        : number_tag(tiff_, TIFFTAG_ROWSPERSTRIP, height);
  return std::clamp<std::uint32_t>(rows, 1, height);
}

std::uint32_t TiffBands::rows_from(std::uint32_t top) const {
  return std::min(band_height(), static_cast<std::uint32_t>(size_.height_px) - top);
}

std::size_t TiffBands::working_bytes() const {
  if (is_tiled()) {
    return row_bytes() * band_height() + static_cast<std::size_t>(TIFFTileSize(tiff_));
  }
  return planes_apart_ ? row_bytes() * band_height() * 2 : row_bytes();
}

void TiffBands::read(std::uint32_t top, std::vector<std::uint8_t>& band) const {
  band.resize(row_bytes() * band_height());
  if (is_tiled()) {
    read_tiles(top, band);
  } else {
    read_strips(top, band);
  }
}

void TiffBands::copy_samples(const std::uint8_t* from, std::size_t count, std::uint8_t* row,
                             std::size_t first_pixel, int plane) const {
  const std::size_t sample_bytes = static_cast<std::size_t>(bits_) / 8;
  if (!planes_apart_) {
    const std::size_t pixel_bits = static_cast<std::size_t>(bits_) * samples_;
    std::memcpy(row + first_pixel * pixel_bits / 8, from, (count * pixel_bits + 7) / 8);
    return;
  }
  if (bits_ % 8 != 0) {
    for (std::size_t x = 0; x < count; ++x) {
      copy_bits(from, x * bits_, row, ((first_pixel + x) * samples_ + plane) * bits_, bits_);
    }
    return;
  }
  std::uint8_t* to = row + (first_pixel * samples_ + plane) * sample_bytes;
  for (std::size_t x = 0; x < count; ++x, to += sample_bytes * samples_, from += sample_bytes) {
    std::memcpy(to, from, sample_bytes);
  }
}

void TiffBands::read_strips(std::uint32_t top, std::vector<std::uint8_t>& band) const {
  const auto width = static_cast<std::size_t>(size_.width_px);
  const std::size_t plane_row = (width * bits_ + 7) / 8;
  const std::uint32_t rows = rows_from(top);
  std::vector<std::uint8_t> strip(plane_row * rows);
  const auto strip_bytes = static_cast<tmsize_t>(strip.size());
  for (int plane = 0; plane < samples_; ++plane) {
    const std::uint32_t index = TIFFComputeStrip(tiff_, top, static_cast<std::uint16_t>(plane));
    if (TIFFReadEncodedStrip(tiff_, index, strip.data(), strip_bytes) != strip_bytes) {
      fail_reading_tiff(tiff_, file_bytes_, "its data ends early, at row " + std::to_string(top));
    }
    for (std::uint32_t y = 0; y < rows; ++y) {
      copy_samples(strip.data() + y * plane_row, width, band.data() + y * row_bytes(), 0, plane);
    }
  }
}

std::size_t TiffBands::checked_tile_bytes(std::uint32_t tile_width, std::uint32_t rows) const {
  const auto tile_row = static_cast<std::size_t>(TIFFTileRowSize(tiff_));
  const auto tile_bytes = static_cast<std::size_t>(TIFFTileSize(tiff_));
  const std::size_t needed_row =
      (static_cast<std::size_t>(tile_width) * (planes_apart_ ? 1 : samples_) * bits_ + 7) / 8;
  const bool fillable =
      tile_bytes <= kTileBytesOfAnyFile || tile_bytes / kMaxTiffCompression <= file_bytes_;
  if (tile_width == 0 || tile_width % 8 != 0 || tile_row < needed_row ||
      tile_bytes < tile_row * rows || !fillable) {
    throw damaged_file("TIFF", "its tile size makes no sense");
  }
  return tile_bytes;
}

void TiffBands::read_tiles(std::uint32_t top, std::vector<std::uint8_t>& band) const {
  const auto width = static_cast<std::uint32_t>(size_.width_px);
  const std::uint32_t tile_width = number_tag(tiff_, TIFFTAG_TILEWIDTH, 0);
  const std::uint32_t rows = rows_from(top);
  std::vector<std::uint8_t> tile(checked_tile_bytes(tile_width, rows));
  const auto tile_row = static_cast<std::size_t>(TIFFTileRowSize(tiff_));
  for (int plane = 0; plane < (planes_apart_ ? samples_ : 1); ++plane) {
    for (std::uint32_t left = 0; left < width; left += tile_width) {
      if (TIFFReadTile(tiff_, tile.data(), left, top, 0, static_cast<std::uint16_t>(plane)) < 0) {
        fail_reading_tiff(tiff_, file_bytes_, "its data ends early, at row " + std::to_string(top));
      }
      const std::size_t count = std::min(tile_width, width - left);
      for (std::uint32_t y = 0; y < rows; ++y) {
        copy_samples(tile.data() + y * tile_row, count, band.data() + y * row_bytes(), left, plane);
      }
    }
  }
}

}  // namespace styletransfer
