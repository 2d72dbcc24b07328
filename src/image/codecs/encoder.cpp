#include "image/codecs/encoder.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace styletransfer {
namespace {

/// A format that can be written: a row for each.
struct WritableFormat {
  OutputFormat format;
  /// Of file names, the usual one first.
  std::array<const char*, 2> extensions;
  FormatLimits limits;
  void (*encode)(const EncodeJob& job, std::FILE* stream);
};

constexpr std::array kWritable{
    WritableFormat{OutputFormat::kPng, {"png"}, {.longest_side_px = 2'000'000'000}, encode_png},
    WritableFormat{OutputFormat::kJpeg,
                   {"jpg", "jpeg"},
                   {.longest_side_px = 65500,
                    .has_alpha = false,
                    .has_16_bits = false,
                    .has_quality = true,
                    .max_compression = 20},
                   encode_jpeg},
    WritableFormat{
        OutputFormat::kTiff, {"tif", "tiff"}, {.longest_side_px = 2'000'000'000}, encode_tiff},
    WritableFormat{OutputFormat::kWebp,
                   {"webp"},
                   {.longest_side_px = 16383,
                    .has_16_bits = false,
                    .has_quality = true,
                    .max_compression = 40},
                   encode_webp},
};

const WritableFormat& row_of(OutputFormat format) {
  return *std::find_if(kWritable.begin(), kWritable.end(),
                       [&](const WritableFormat& row) { return row.format == format; });
}

}  // namespace

FormatLimits limits_of(OutputFormat format) { return row_of(format).limits; }

std::optional<OutputFormat> output_format_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  std::string extension = name.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const WritableFormat& row : kWritable) {
    for (const char* known : row.extensions) {
      if (known != nullptr && extension == known) return row.format;
    }
  }
  return std::nullopt;
}

std::vector<std::string> writable_extensions() {
  std::vector<std::string> all;
  for (const WritableFormat& row : kWritable) all.emplace_back(row.extensions.front());
  return all;
}

void encode(OutputFormat format, const EncodeJob& job, std::FILE* stream) {
  row_of(format).encode(job, stream);
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
