#include "image/codecs/tiff/tiff_samples.h"

#include <tiff.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <opencv2/core.hpp>
#include <utility>

namespace styletransfer {
namespace {

constexpr int kMaxSamples = 64;
constexpr int kMaxIntegerBits = 64;

template <typename T>
T load(const std::uint8_t* stored, std::size_t index) {
  T value;
  std::memcpy(&value, stored + index * sizeof(T), sizeof(T));
  return value;
}

DecodeError unread(const TiffFormat& format) {
  return DecodeError("a TIFF of a kind that is not read (" +
                     std::to_string(format.samples_per_pixel) + " samples of " +
                     std::to_string(format.bits) + " bits, photometric " +
                     std::to_string(format.photometric) + ", sample format " +
                     std::to_string(format.sample_format) + "); save it as 8 or 16-bit RGB first");
}

bool is_known_depth(const TiffFormat& format) {
  const int bits = format.bits;
  switch (format.sample_format) {
    case SAMPLEFORMAT_IEEEFP:
      return bits == 16 || bits == 32 || bits == 64;
    case SAMPLEFORMAT_INT:
      return bits >= 2 && bits <= kMaxIntegerBits;
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      return bits >= 1 && bits <= kMaxIntegerBits;
    default:
      return false;
  }
}

ColorModel model_of(const TiffFormat& format) {
  switch (format.photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
      return ColorModel::kGray;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_PALETTE:
    case PHOTOMETRIC_YCBCR:  // The JPEG codec was configured to deliver RGB.
      return ColorModel::kRgb;
    case PHOTOMETRIC_SEPARATED:
      return ColorModel::kCmyk;
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
      return ColorModel::kLab;
    default:
      throw unread(format);
  }
}

}  // namespace

TiffRowReader::TiffRowReader(TiffFormat format) : format_(std::move(format)) {
  choose_layout();
  for (int c = 0; c < layout_.color_channels(); ++c) wanted_samples_.push_back(c);
  if (format_.photometric == PHOTOMETRIC_PALETTE) wanted_samples_ = {0};
  if (layout_.has_alpha) wanted_samples_.push_back(format_.alpha_sample);
}

void TiffRowReader::choose_layout() {
  if (!is_known_depth(format_)) throw unread(format_);
  const int bits = format_.bits;
  const bool is_float = format_.sample_format == SAMPLEFORMAT_IEEEFP;
  // These depths map exactly to 8 bits.
  const bool has_sign = format_.sample_format == SAMPLEFORMAT_INT;
  const bool fits_bytes = !has_sign && (bits == 1 || bits == 2 || bits == 4 || bits == 8);
  layout_.type = is_float     ? SampleType::kFloat32
                 : fits_bytes ? SampleType::kUint8
                              : SampleType::kUint16;
  layout_.model = model_of(format_);
  const bool is_palette = format_.photometric == PHOTOMETRIC_PALETTE;
  if (is_palette) {
    if (is_float || bits > 16) throw unread(format_);
    layout_.type = SampleType::kUint16;
  }
  if (layout_.model == ColorModel::kLab) {
    if (is_float || (bits != 8 && bits != 16)) throw unread(format_);
    layout_.type = SampleType::kFloat32;
  }
  const int needed = is_palette ? 1 : layout_.color_channels();
  if (format_.samples_per_pixel < needed || format_.samples_per_pixel > kMaxSamples) {
    throw unread(format_);
  }
  layout_.has_alpha = format_.alpha_sample >= needed;
  layout_.premultiplied = layout_.has_alpha && format_.alpha_is_premultiplied;
}

const void* TiffRowReader::read(const std::uint8_t* stored, int width_px) {
  const std::size_t values = static_cast<std::size_t>(width_px) * layout_.channels();
  switch (layout_.type) {
    case SampleType::kFloat32:
      floats_.resize(values);
      if (layout_.model == ColorModel::kLab) {
        read_lab(stored, width_px);
      } else {
        read_floats(stored, width_px);
      }
      return floats_.data();
    case SampleType::kUint16:
      words_.resize(values);
      if (format_.photometric == PHOTOMETRIC_PALETTE) {
        read_palette(stored, width_px);
      } else {
        read_integers(stored, width_px);
      }
      return words_.data();
    case SampleType::kUint8:
      break;
  }
  bytes_.resize(values);
  read_integers(stored, width_px);
  return bytes_.data();
}

float TiffRowReader::float_sample(const std::uint8_t* stored, std::size_t index) const {
  switch (format_.bits) {
    case 16:
      return static_cast<float>(load<cv::float16_t>(stored, index));
    case 32:
      return load<float>(stored, index);
    default:
      return static_cast<float>(load<double>(stored, index));
  }
}

std::uint64_t TiffRowReader::stored_integer(const std::uint8_t* stored, std::size_t index) const {
  const unsigned bits = format_.bits;
  switch (bits) {
    case 8:
      return stored[index];
    case 16:
      return load<std::uint16_t>(stored, index);
    case 24: {
      const std::uint8_t* bytes = stored + index * 3;
      const bool little = std::endian::native == std::endian::little;
      return std::uint64_t{bytes[little ? 2 : 0]} << 16 | std::uint64_t{bytes[1]} << 8 |
             bytes[little ? 0 : 2];
    }
    case 32:
      return load<std::uint32_t>(stored, index);
    case 64:
      return load<std::uint64_t>(stored, index);
    default:
      break;
  }
  std::uint64_t value = 0;
  std::size_t bit = index * bits;
  for (unsigned left = bits; left > 0;) {
    const auto in_byte = static_cast<unsigned>(8 - bit % 8);
    const unsigned count = std::min(left, in_byte);
    const unsigned piece = (stored[bit / 8] >> (in_byte - count)) & ((1U << count) - 1);
    value = value << count | piece;
    bit += count;
    left -= count;
  }
  return value;
}

std::uint64_t TiffRowReader::integer_sample(const std::uint8_t* stored, std::size_t index) {
  const std::uint64_t value = stored_integer(stored, index);
  const bool is_negative = is_signed() && (value >> (format_.bits - 1) & 1) != 0;
  if (is_negative) saw_negative_values_ = true;
  return is_negative ? 0 : value;
}

bool TiffRowReader::is_signed() const {
  // CIELAB's a and b are signed whether or not the file says so, its L is not; palettes are codes.
  return format_.sample_format == SAMPLEFORMAT_INT && layout_.model != ColorModel::kLab &&
         format_.photometric != PHOTOMETRIC_PALETTE;
}

void TiffRowReader::read_palette(const std::uint8_t* stored, int width_px) {
  const std::size_t entries = std::size_t{1} << format_.bits;
  std::uint16_t* out = words_.data();
  for (int x = 0; x < width_px; ++x) {
    const std::size_t first = static_cast<std::size_t>(x) * format_.samples_per_pixel;
    const std::uint64_t code = stored_integer(stored, first);
    for (std::size_t c = 0; c < 3; ++c) *out++ = format_.palette[c * entries + code];
    if (!layout_.has_alpha) continue;
    const std::uint64_t alpha = integer_sample(stored, first + format_.alpha_sample);
    *out++ = static_cast<std::uint16_t>(alpha * 65535 / (entries - 1));
  }
}

void TiffRowReader::read_lab(const std::uint8_t* stored, int width_px) {
  // CIELAB stores a and b as signed numbers, ICCLAB offset by half the range; 16-bit values are the
  // 8-bit numbers with a fraction, except that CIELAB's L fills its range.
  const bool is_signed = format_.photometric == PHOTOMETRIC_CIELAB;
  const bool wide = format_.bits == 16;
  const float l_scale = !wide ? 100.0F / 255.0F : is_signed ? 100.0F / 65535.0F : 100.0F / 65280.0F;
  float* out = floats_.data();
  for (int x = 0; x < width_px; ++x) {
    const std::size_t first = static_cast<std::size_t>(x) * format_.samples_per_pixel;
    *out++ = std::min(100.0F, static_cast<float>(integer_sample(stored, first)) * l_scale);
    for (std::size_t c = 1; c < 3; ++c) {
      const std::uint64_t code = integer_sample(stored, first + c);
      const float value = static_cast<float>(code) / (wide ? 256.0F : 1.0F);
      const float offset = !is_signed ? 128.0F : value >= 128.0F ? 256.0F : 0.0F;
      *out++ = value - offset;
    }
    if (layout_.has_alpha) {
      *out++ = static_cast<float>(integer_sample(stored, first + format_.alpha_sample)) /
               (wide ? 65535.0F : 255.0F);
    }
  }
}

void TiffRowReader::read_floats(const std::uint8_t* stored, int width_px) {
  float* out = floats_.data();
  const bool inverted = format_.photometric == PHOTOMETRIC_MINISWHITE;
  for (int x = 0; x < width_px; ++x) {
    const std::size_t first = static_cast<std::size_t>(x) * format_.samples_per_pixel;
    for (const int sample : wanted_samples_) {
      const float value = float_sample(stored, first + sample);
      if (value > 1.001F) saw_bright_values_ = true;
      *out++ = inverted && sample == 0 ? 1.0F - value : value;
    }
  }
}

void TiffRowReader::read_integers(const std::uint8_t* stored, int width_px) {
  const bool inverted = format_.photometric == PHOTOMETRIC_MINISWHITE;
  const bool to_bytes = layout_.type == SampleType::kUint8;
  // Above 32 bits only the upper bits count, so that no product below exceeds 64 bits.
  const int bits = is_signed() ? format_.bits - 1 : format_.bits;
  const int dropped_bits = std::max(bits - 32, 0);
  const std::uint64_t top = (std::uint64_t{1} << (bits - dropped_bits)) - 1;
  const std::uint64_t out_top = to_bytes ? 255 : 65535;
  std::size_t at = 0;
  for (int x = 0; x < width_px; ++x) {
    const std::size_t first = static_cast<std::size_t>(x) * format_.samples_per_pixel;
    for (const int sample : wanted_samples_) {
      std::uint64_t value = integer_sample(stored, first + sample) >> dropped_bits;
      if (inverted && sample == 0) value = top - value;
      if (top != out_top) value = value * out_top / top;
      if (to_bytes) {
        bytes_[at++] = static_cast<std::uint8_t>(value);
      } else {
        words_[at++] = static_cast<std::uint16_t>(value);
      }
    }
  }
}

}  // namespace styletransfer
