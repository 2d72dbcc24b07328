// Layout of the samples in a decoded row.
#pragma once

#include <cstddef>

namespace styletransfer {

enum class ColorModel { kGray, kRgb, kCmyk, kLab };
enum class SampleType { kUint8, kUint16, kFloat32 };

/// Layout of the samples in a decoded row: color channels first, alpha last, interleaved, native
/// byte order. Integers use their full range, floats 0..1; CMYK is ink (full range: full ink); Lab
/// is float with its natural ranges (L 0..100, a and b -128..128).
struct PixelLayout {
  ColorModel model = ColorModel::kRgb;
  SampleType type = SampleType::kUint8;
  bool has_alpha = false;
  /// Colors are premultiplied by alpha (TIFF's "associated").
  bool premultiplied = false;

  [[nodiscard]] int color_channels() const {
    return model == ColorModel::kGray ? 1 : model == ColorModel::kCmyk ? 4 : 3;
  }
  [[nodiscard]] int channels() const { return color_channels() + (has_alpha ? 1 : 0); }
  [[nodiscard]] std::size_t bytes_per_sample() const {
    return type == SampleType::kUint8 ? 1 : type == SampleType::kUint16 ? 2 : 4;
  }
  [[nodiscard]] std::size_t bytes_per_pixel() const { return channels() * bytes_per_sample(); }
};

}  // namespace styletransfer
