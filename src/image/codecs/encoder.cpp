#include "image/codecs/encoder.h"

#include <algorithm>
#include <cctype>

namespace styletransfer {

FormatLimits limits_of(OutputFormat format) {
  switch (format) {
    case OutputFormat::kJpeg:
      return {65500, false, false};
    case OutputFormat::kWebp:
      return {16383, true, false};
    case OutputFormat::kPng:
    case OutputFormat::kTiff:
      break;
  }
  return {2'000'000'000, true, true};
}

std::optional<OutputFormat> output_format_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  std::string extension = name.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == "png") return OutputFormat::kPng;
  if (extension == "jpg" || extension == "jpeg") return OutputFormat::kJpeg;
  if (extension == "tif" || extension == "tiff") return OutputFormat::kTiff;
  if (extension == "webp") return OutputFormat::kWebp;
  return std::nullopt;
}

void encode(OutputFormat format, const EncodeJob& job, std::FILE* stream) {
  switch (format) {
    case OutputFormat::kPng:
      return encode_png(job, stream);
    case OutputFormat::kJpeg:
      return encode_jpeg(job, stream);
    case OutputFormat::kTiff:
      return encode_tiff(job, stream);
    case OutputFormat::kWebp:
      return encode_webp(job, stream);
  }
}

IntegerRows::IntegerRows(const Image& image, bool keep_alpha)
    : image_(image), with_alpha_(keep_alpha && image.has_alpha()) {}

template <typename Sample>
void IntegerRows::read_scaled(int y, Sample* out, float top) const {
  const std::size_t first = static_cast<std::size_t>(y) * image_.size.width_px;
  const float* color = image_.rgb01.data() + first * 3;
  const float* alpha = image_.has_alpha() ? image_.alpha01.data() + first : nullptr;
  const auto to_integer = [top](float value01) {
    // This order of comparison maps NaN to 0.
    const float scaled = value01 > 0.0F ? std::min(value01, 1.0F) * top : 0.0F;
    return static_cast<Sample>(scaled + 0.5F);
  };
  for (int x = 0; x < image_.size.width_px; ++x) {
    for (int c = 0; c < 3; ++c) {
      float value = *color++;
      if (alpha != nullptr && !with_alpha_) value = value * alpha[x] + (1.0F - alpha[x]);
      *out++ = to_integer(value);
    }
    if (with_alpha_) *out++ = to_integer(alpha[x]);
  }
}

template void IntegerRows::read_scaled(int, std::uint8_t*, float) const;
template void IntegerRows::read_scaled(int, std::uint16_t*, float) const;

}  // namespace styletransfer
