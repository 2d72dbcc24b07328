// BMP decoder: every depth, palettes, bit fields, run-length encoding, both row orders.
#include <algorithm>
#include <bit>

#include "image/codecs/bmp_format.h"
#include "image/codecs/decoder.h"

namespace styletransfer {
namespace {

// Two bytes encode a run of 255 pixels; the rest is room for skipped rows.
constexpr std::size_t kMaxPixelsPerRunByte = 2048;

std::uint8_t scaled_field(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  const std::uint64_t value = (pixel & mask) >> std::countr_zero(mask);
  const std::uint64_t top = mask >> std::countr_zero(mask);
  return static_cast<std::uint8_t>((value * 255 + top / 2) / top);
}

class BmpDecoder final : public Decoder {
 public:
  explicit BmpDecoder(ByteView bytes) : bytes_(bytes), format_(read_bmp_format(bytes)) {
    header_.stored_size = format_.size;
    header_.dpi = format_.dpi;
    header_.icc_profile = format_.icc_profile;
    header_.orientation = 1;
    header_.layout.has_alpha = format_.masks[3] != 0;
    const std::size_t available = bytes.size() - format_.pixels_offset;
    const bool too_few = format_.is_run_length()
                             ? code_count() / kMaxPixelsPerRunByte > available
                             : format_.row_bytes() * format_.size.height_px > available + padding();
    if (too_few) {
      throw truncated_file("BMP", "it has fewer bytes than its " +
                                      std::to_string(format_.size.width_px) + "x" +
                                      std::to_string(format_.size.height_px) + " px need");
    }
  }

  [[nodiscard]] std::size_t working_bytes() const override {
    return format_.is_run_length() ? code_count() : 0;
  }

  void decode(const RowSink& sink) override {
    if (format_.is_run_length()) {
      decode_run_lengths(sink);
      return;
    }
    std::vector<std::uint8_t> row(header_.layout.bytes_per_pixel() * format_.size.width_px);
    for (int y = 0; y < format_.size.height_px; ++y) {
      const int stored_y = format_.rows_from_top ? y : format_.size.height_px - 1 - y;
      const std::size_t offset = format_.pixels_offset + format_.row_bytes() * stored_y;
      unpack_row(bytes_.subspan(offset), row.data());
      sink(row.data());
    }
  }

 private:
  [[nodiscard]] std::size_t code_count() const {
    return static_cast<std::size_t>(format_.size.width_px) * format_.size.height_px;
  }
  /// The padding of the last row may be missing.
  [[nodiscard]] std::size_t padding() const {
    const std::size_t bits =
        static_cast<std::size_t>(format_.size.width_px) * format_.bits_per_pixel;
    return format_.row_bytes() - (bits + 7) / 8;
  }

  void unpack_row(ByteView stored, std::uint8_t* out) const {
    const int bits = format_.bits_per_pixel;
    for (std::size_t x = 0; x < static_cast<std::size_t>(format_.size.width_px); ++x) {
      if (bits <= 8) {
        const std::size_t bit = x * bits;
        const unsigned code = (stored[bit / 8] >> (8 - bits - bit % 8)) & ((1U << bits) - 1);
        out = std::copy_n(format_.palette[code].data(), 3, out);
      } else if (bits == 24) {
        for (std::size_t c = 3; c-- > 0;) *out++ = stored[3 * x + c];
      } else {
        const std::uint32_t pixel = bits == 16 ? bmp_word(stored, 2 * x) : bmp_long(stored, 4 * x);
        for (int c = 0; c < header_.layout.channels(); ++c) {
          *out++ = scaled_field(pixel, format_.masks[c]);
        }
      }
    }
  }

  void decode_run_lengths(const RowSink& sink) {
    const std::vector<std::uint8_t> codes = expanded_codes();
    const auto width = static_cast<std::size_t>(format_.size.width_px);
    std::vector<std::uint8_t> row(width * 3);
    for (std::size_t y = format_.size.height_px; y-- > 0;) {
      std::uint8_t* out = row.data();
      for (std::size_t x = 0; x < width; ++x) {
        out = std::copy_n(format_.palette[codes[y * width + x]].data(), 3, out);
      }
      sink(row.data());
    }
  }

  /// One palette code per pixel, rows from the bottom. Pixels that no run covers have code 0.
  [[nodiscard]] std::vector<std::uint8_t> expanded_codes() const;

  ByteView bytes_;
  BmpFormat format_;
};

/// Decodes run-length data: pairs of count and code, and escapes after a count of 0.
class RunLengthReader {
 public:
  RunLengthReader(ByteView bytes, std::size_t offset, const BmpFormat& format,
                  std::vector<std::uint8_t>& codes)
      : bytes_(bytes), at_(offset), format_(format), codes_(codes) {}

  void run() {
    while (y_ < format_.size.height_px) {
      const int count = next();
      const int value = next();
      if (count > 0) {
        for (int i = 0; i < count; ++i) put(code_in_pair(value, i));
      } else if (value == 0) {
        x_ = 0;
        ++y_;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        x_ += next();
        y_ += next();
      } else {
        copy_literally(value);
      }
    }
  }

 private:
  [[nodiscard]] bool is_half_byte() const { return format_.bits_per_pixel == 4; }

  std::uint8_t next() {
    if (at_ >= bytes_.size()) throw truncated_file("BMP", "its data ends early");
    return bytes_[at_++];
  }

  [[nodiscard]] std::uint8_t code_in_pair(int value, int index) const {
    if (!is_half_byte()) return static_cast<std::uint8_t>(value);
    return static_cast<std::uint8_t>(index % 2 == 0 ? value >> 4 : value & 15);
  }

  void copy_literally(int count) {
    const std::size_t start = at_;
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (!is_half_byte() || i % 2 == 0) value = next();
      put(code_in_pair(value, i));
    }
    if ((at_ - start) % 2 != 0) next();
  }

  void put(std::uint8_t code) {
    if (x_ < format_.size.width_px && y_ < format_.size.height_px) {
      codes_[static_cast<std::size_t>(y_) * format_.size.width_px + x_] = code;
    }
    ++x_;
  }

  ByteView bytes_;
  std::size_t at_;
  const BmpFormat& format_;
  std::vector<std::uint8_t>& codes_;
  std::int64_t x_ = 0;
  std::int64_t y_ = 0;
};

std::vector<std::uint8_t> BmpDecoder::expanded_codes() const {
  std::vector<std::uint8_t> codes(code_count(), 0);
  RunLengthReader(bytes_, format_.pixels_offset, format_, codes).run();
  return codes;
}

}  // namespace

std::unique_ptr<Decoder> open_bmp(ByteView bytes) { return std::make_unique<BmpDecoder>(bytes); }

}  // namespace styletransfer
