// Conversion of stored TIFF rows (any depth, packed bits, palettes) to rows of a PixelLayout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/codecs/decoder.h"

namespace styletransfer {

/// The tags that define the meaning of samples.
struct TiffFormat {
  std::uint16_t photometric = 0;
  std::uint16_t bits = 1;
  std::uint16_t samples_per_pixel = 1;
  std::uint16_t sample_format = 1;
  /// Index of the alpha sample; -1: none.
  int alpha_sample = -1;
  bool alpha_is_premultiplied = false;
  /// 3 x 2^bits values, R then G then B; palettes only.
  std::vector<std::uint16_t> palette;
};

class TiffRowReader {
 public:
  /// Throws DecodeError when the combination is unsupported. layout() describes the rows that
  /// read() returns.
  explicit TiffRowReader(TiffFormat format);

  [[nodiscard]] const PixelLayout& layout() const { return layout_; }

  /// `stored`: width x samples_per_pixel samples, interleaved; samples of 8, 16, 24, 32 and 64 bits
  /// in native byte order, all others packed from the high end. The result is valid until the next
  /// call.
  const void* read(const std::uint8_t* stored, int width_px);

  /// Values above 1 of a float file were clamped.
  [[nodiscard]] bool saw_bright_values() const { return saw_bright_values_; }
  /// Values below 0 of a signed file were clamped: 0 is black, the highest value white.
  [[nodiscard]] bool saw_negative_values() const { return saw_negative_values_; }

 private:
  void choose_layout();
  [[nodiscard]] float float_sample(const std::uint8_t* stored, std::size_t index) const;
  [[nodiscard]] std::uint64_t stored_integer(const std::uint8_t* stored, std::size_t index) const;
  [[nodiscard]] std::uint64_t integer_sample(const std::uint8_t* stored, std::size_t index);
  [[nodiscard]] bool is_signed() const;
  void read_palette(const std::uint8_t* stored, int width_px);
  void read_lab(const std::uint8_t* stored, int width_px);
  void read_floats(const std::uint8_t* stored, int width_px);
  void read_integers(const std::uint8_t* stored, int width_px);

  TiffFormat format_;
  PixelLayout layout_;
  std::vector<int> wanted_samples_;
  std::vector<float> floats_;
  std::vector<std::uint16_t> words_;
  std::vector<std::uint8_t> bytes_;
  bool saw_bright_values_ = false;
  bool saw_negative_values_ = false;
};

}  // namespace styletransfer
