#include "image/icc/color_conversion.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace styletransfer {
namespace {

constexpr float kWordMax = 65535.0F;

float clamped01(float value) {
  // This order of comparison maps NaN to 0.
  return value > 0.0F ? std::min(value, 1.0F) : 0.0F;
}

const std::array<float, 256>& byte_to_float() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> t{};
    for (int i = 0; i < 256; ++i) t[i] = static_cast<float>(i) / 255.0F;
    return t;
  }();
  return table;
}

cmsColorSpaceSignature space_of(ColorModel model) {
  switch (model) {
    case ColorModel::kGray:
      return cmsSigGrayData;
    case ColorModel::kCmyk:
      return cmsSigCmykData;
    case ColorModel::kLab:
      return cmsSigLabData;
    case ColorModel::kRgb:
      break;
  }
  return cmsSigRgbData;
}

bool is_image_profile(cmsHPROFILE profile) {
  switch (cmsGetDeviceClass(profile)) {
    case cmsSigInputClass:
    case cmsSigDisplayClass:
    case cmsSigOutputClass:
    case cmsSigColorSpaceClass:
      return true;
    default:
      return false;
  }
}

}  // namespace

ColorConversion::ColorConversion(const PixelLayout& layout,
                                 const std::vector<std::uint8_t>& icc_profile,
                                 std::vector<std::string>& warnings)
    : layout_(layout) {
  // By default Little CMS reports errors to stderr; results are checked instead.
  cmsSetLogErrorHandler([](cmsContext, cmsUInt32Number, const char*) {});
  if (layout_.model == ColorModel::kLab) {
    const ProfileHandle lab(cmsCreateLab4Profile(nullptr));
    make_transform(lab.get());
  } else if (!icc_profile.empty()) {
    choose_transform(icc_profile, warnings);
  }
}

void ColorConversion::choose_transform(const std::vector<std::uint8_t>& icc_profile,
                                       std::vector<std::string>& warnings) {
  const ProfileHandle profile(
      cmsOpenProfileFromMem(icc_profile.data(), static_cast<cmsUInt32Number>(icc_profile.size())));
  const char* fallback =
      layout_.model == ColorModel::kCmyk ? "; read as plain inks" : "; read as sRGB";
  if (!profile) {
    warnings.push_back(std::string("the color profile is broken and left aside") + fallback);
    return;
  }
  if (cmsGetColorSpace(profile.get()) != space_of(layout_.model) ||
      !is_image_profile(profile.get())) {
    warnings.push_back(
        std::string("the color profile is of another kind than the image and left aside") +
        fallback);
    return;
  }
  make_transform(profile.get());
  if (!transform_) {
    warnings.push_back(std::string("the color profile cannot be used and is left aside") +
                       fallback);
  } else if (changes_nothing()) {
    transform_.reset();
  }
}

void ColorConversion::make_transform(cmsHPROFILE source) {
  const ProfileHandle srgb(cmsCreate_sRGBProfile());
  cmsUInt32Number from = TYPE_RGB_FLT;
  cmsUInt32Number to = TYPE_RGB_FLT;
  cmsUInt32Number flags = cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE;
  bytes_path_ = layout_.model == ColorModel::kRgb && layout_.type == SampleType::kUint8 &&
                !layout_.premultiplied;
  if (bytes_path_) {
    from = COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3) | BYTES_SH(1) |
           EXTRA_SH(layout_.has_alpha ? 1U : 0U);
    to = TYPE_RGB_16;
  } else if (layout_.model == ColorModel::kGray) {
    from = TYPE_GRAY_FLT;
  } else if (layout_.model == ColorModel::kLab) {
    from = TYPE_Lab_FLT;
  } else if (layout_.model == ColorModel::kCmyk) {
    // The ink tables of profiles are coarse themselves, so the precomputed grid loses nothing.
    from = TYPE_CMYK_16;
    to = TYPE_RGB_16;
    flags |= cmsFLAGS_HIGHRESPRECALC;
  }
  transform_.reset(
      cmsCreateTransform(source, from, srgb.get(), to, INTENT_RELATIVE_COLORIMETRIC, flags));
}

bool ColorConversion::changes_nothing() const {
  if (layout_.model != ColorModel::kRgb && layout_.model != ColorModel::kGray) return false;
  constexpr int kSteps = 7;
  // Less than half an 8-bit step: the profile is equivalent to sRGB.
  constexpr float kTolerance = 0.5F / 255.0F;
  const bool gray = layout_.model == ColorModel::kGray;
  ColorConversion& self = const_cast<ColorConversion&>(*this);
  for (int i = 0; i < (gray ? 256 : kSteps * kSteps * kSteps); ++i) {
    const int codes[3] = {i % kSteps * 255 / (kSteps - 1), i / kSteps % kSteps * 255 / (kSteps - 1),
                          i / kSteps / kSteps * 255 / (kSteps - 1)};
    float rgb[3];
    if (bytes_path_) {
      const std::uint8_t pixel[4] = {static_cast<std::uint8_t>(codes[0]),
                                     static_cast<std::uint8_t>(codes[1]),
                                     static_cast<std::uint8_t>(codes[2]), 255};
      self.convert_bytes_with_profile(pixel, 1, rgb);
    } else {
      const float level = static_cast<float>(i) / 255.0F;
      const float pixel[3] = {gray ? level : codes[0] / 255.0F, codes[1] / 255.0F,
                              codes[2] / 255.0F};
      cmsDoTransform(transform_.get(), pixel, rgb, 1);
    }
    for (int c = 0; c < 3; ++c) {
      const float expected = gray ? static_cast<float>(i) / 255.0F : codes[c] / 255.0F;
      if (!(std::abs(rgb[c] - expected) < kTolerance)) return false;
    }
  }
  return true;
}

namespace {

float to_float(std::uint8_t v) { return byte_to_float()[v]; }
float to_float(std::uint16_t v) { return static_cast<float>(v) / kWordMax; }
float to_float(float v) { return v; }

template <typename Sample>
void normalize_samples(const Sample* samples, int width_px, const PixelLayout& layout,
                       float* colors, float* alpha01) {
  const int channels = layout.color_channels();
  const bool unit_range = layout.model != ColorModel::kLab;
  for (int x = 0; x < width_px; ++x) {
    float* out = colors + static_cast<std::size_t>(x) * channels;
    for (int c = 0; c < channels; ++c) out[c] = to_float(*samples++);
    float scale = 1.0F;
    if (layout.has_alpha) {
      const float alpha = clamped01(to_float(*samples++));
      alpha01[x] = alpha;
      if (layout.premultiplied && alpha > 0.0F) scale = 1.0F / alpha;
    }
    if (!unit_range) continue;
    for (int c = 0; c < channels; ++c) out[c] = clamped01(out[c] * scale);
  }
}

}  // namespace

void ColorConversion::normalize(const void* row, int width_px, float* alpha01) {
  normalized_.resize(static_cast<std::size_t>(width_px) * layout_.color_channels());
  switch (layout_.type) {
    case SampleType::kUint8:
      normalize_samples(static_cast<const std::uint8_t*>(row), width_px, layout_,
                        normalized_.data(), alpha01);
      break;
    case SampleType::kUint16:
      normalize_samples(static_cast<const std::uint16_t*>(row), width_px, layout_,
                        normalized_.data(), alpha01);
      break;
    case SampleType::kFloat32:
      normalize_samples(static_cast<const float*>(row), width_px, layout_, normalized_.data(),
                        alpha01);
      break;
  }
}

void ColorConversion::convert_without_profile(int width_px, float* rgb01) const {
  const float* in = normalized_.data();
  for (int x = 0; x < width_px; ++x, rgb01 += 3) {
    if (layout_.model == ColorModel::kGray) {
      rgb01[0] = rgb01[1] = rgb01[2] = *in++;
    } else if (layout_.model == ColorModel::kCmyk) {
      for (int c = 0; c < 3; ++c) rgb01[c] = (1.0F - in[c]) * (1.0F - in[3]);
      in += 4;
    } else {
      std::copy_n(in, 3, rgb01);
      in += 3;
    }
  }
}

void ColorConversion::convert_bytes_with_profile(const void* row, int width_px, float* rgb01) {
  words_.resize(static_cast<std::size_t>(width_px) * 3);
  cmsDoTransform(transform_.get(), row, words_.data(), static_cast<cmsUInt32Number>(width_px));
  std::transform(words_.begin(), words_.end(), rgb01, [](std::uint16_t v) { return to_float(v); });
}

void ColorConversion::convert_row(const void* row, int width_px, float* rgb01, float* alpha01) {
  if (transform_ && bytes_path_) {
    convert_bytes_with_profile(row, width_px, rgb01);
    if (!layout_.has_alpha) return;
    const auto* samples = static_cast<const std::uint8_t*>(row);
    for (int x = 0; x < width_px; ++x) alpha01[x] = to_float(samples[4 * x + 3]);
    return;
  }
  normalize(row, width_px, alpha01);
  if (!transform_) {
    convert_without_profile(width_px, rgb01);
    return;
  }
  const auto count = static_cast<cmsUInt32Number>(width_px);
  const std::size_t values = static_cast<std::size_t>(width_px) * 3;
  if (layout_.model == ColorModel::kCmyk) {
    std::vector<std::uint16_t> inks(normalized_.size());
    std::transform(normalized_.begin(), normalized_.end(), inks.begin(),
                   [](float v) { return static_cast<std::uint16_t>(std::lround(v * kWordMax)); });
    words_.resize(values);
    cmsDoTransform(transform_.get(), inks.data(), words_.data(), count);
    std::transform(words_.begin(), words_.end(), rgb01,
                   [](std::uint16_t v) { return to_float(v); });
    return;
  }
  cmsDoTransform(transform_.get(), normalized_.data(), rgb01, count);
  std::transform(rgb01, rgb01 + values, rgb01, clamped01);
}

}  // namespace styletransfer
