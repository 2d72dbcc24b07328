// Conversion of decoded rows to sRGB, through Little CMS if the file has a profile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/codecs/decoder.h"
#include "image/icc/lcms_handles.h"

namespace styletransfer {

/// Converts rows of one layout and profile. Relative colorimetric with black point compensation.
class ColorConversion {
 public:
  /// Ignores a profile that is broken, of another color model than the image, or not usable for
  /// images, and adds a line to `warnings`.
  ColorConversion(const PixelLayout& layout, const std::vector<std::uint8_t>& icc_profile,
                  std::vector<std::string>& warnings);

  /// Writes width x 3 sRGB values and, if the layout has alpha, width opacities, all 0..1. Infinite
  /// samples are clamped; NaN becomes 0.
  void convert_row(const void* row, int width_px, float* rgb01, float* alpha01);

 private:
  void choose_transform(const std::vector<std::uint8_t>& icc_profile,
                        std::vector<std::string>& warnings);
  void make_transform(cmsHPROFILE source);
  [[nodiscard]] bool changes_nothing() const;
  void normalize(const void* row, int width_px, float* alpha01);
  void convert_without_profile(int width_px, float* rgb01) const;
  void convert_bytes_with_profile(const void* row, int width_px, float* rgb01);

  PixelLayout layout_;
  TransformHandle transform_;
  /// 8-bit RGB uses the library's fast integer path.
  bool bytes_path_ = false;
  std::vector<float> normalized_;
  std::vector<std::uint16_t> words_;
};

}  // namespace styletransfer
