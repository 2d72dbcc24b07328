#include "image/codecs/gif_lzw.h"

#include <algorithm>
#include <array>

namespace styletransfer {
namespace {

constexpr int kMaxCodes = 4096;
constexpr int kMaxCodeWidth = 12;
constexpr int kNoCode = -1;

/// Reads the bits of the blocks, lowest bit first.
class BlockBits {
 public:
  BlockBits(ByteView bytes, std::size_t position) : bytes_(bytes), position_(position) {}

  /// Returns the next code; kNoCode at the end.
  int code(int width) {
    while (bit_count_ < width) {
      if (block_left_ == 0) {
        if (position_ >= bytes_.size()) return kNoCode;
        block_left_ = bytes_[position_++];
        if (block_left_ == 0) return kNoCode;
      }
      if (position_ >= bytes_.size()) return kNoCode;
      bits_ |= static_cast<std::uint32_t>(bytes_[position_++]) << bit_count_;
      bit_count_ += 8;
      --block_left_;
    }
    const int value = static_cast<int>(bits_ & ((1U << width) - 1));
    bits_ >>= width;
    bit_count_ -= width;
    return value;
  }

 private:
  ByteView bytes_;
  std::size_t position_;
  std::uint32_t bits_ = 0;
  int bit_count_ = 0;
  int block_left_ = 0;
};

/// The strings that codes stand for, each stored as its predecessor and one more pixel.
class CodeTable {
 public:
  explicit CodeTable(int code_bits) : first_free_((1 << code_bits) + 2), clear_(1 << code_bits) {
    reset();
  }

  void reset() { next_ = first_free_; }
  [[nodiscard]] int clear() const { return clear_; }
  [[nodiscard]] int next() const { return next_; }

  void add(int before, int pixel) {
    if (next_ == kMaxCodes) return;
    before_[next_] = static_cast<std::uint16_t>(before);
    pixel_[next_++] = static_cast<std::uint16_t>(pixel);
  }

  /// The pixels of a code in reverse order.
  const std::vector<int>& reversed(int code) {
    pixels_.clear();
    for (; code >= first_free_; code = before_[code]) pixels_.push_back(pixel_[code]);
    pixels_.push_back(code);
    return pixels_;
  }

 private:
  int first_free_;
  int clear_;
  int next_ = 0;
  std::array<std::uint16_t, kMaxCodes> before_{};
  std::array<std::uint16_t, kMaxCodes> pixel_{};
  std::vector<int> pixels_;
};

}  // namespace

std::size_t after_gif_blocks(ByteView bytes, std::size_t position) {
  while (position < bytes.size()) {
    const std::size_t length = bytes[position++];
    if (length == 0) return position;
    position += std::min(length, bytes.size() - position);
  }
  return position;
}

void decode_gif_lzw(ByteView bytes, std::size_t position, int code_bits,
                    std::span<std::uint8_t> pixels) {
  BlockBits bits(bytes, position);
  CodeTable table(code_bits);
  int width = code_bits + 1;
  int previous = kNoCode;
  std::size_t filled = 0;
  while (filled < pixels.size()) {
    const int code = bits.code(width);
    if (code == kNoCode || code == table.clear() + 1) {
      throw truncated_file("GIF", "its data ends early");
    }
    if (code == table.clear()) {
      table.reset();
      width = code_bits + 1;
      previous = kNoCode;
      continue;
    }
    const bool is_new = code == table.next() && previous != kNoCode;
    const bool is_known = code < table.next() && (previous != kNoCode || code < table.clear());
    if (!is_new && !is_known) throw damaged_file("GIF", "a code in it has no meaning");
    // A code that is being defined right now stands for the previous string plus that string's
    // first pixel.
    const int first = table.reversed(is_new ? previous : code).back();
    if (previous != kNoCode) table.add(previous, first);
    const std::vector<int>& string = table.reversed(code);
    for (auto pixel = string.rbegin(); pixel != string.rend() && filled < pixels.size(); ++pixel) {
      if (*pixel > 255) throw damaged_file("GIF", "a pixel in it lies outside every palette");
      pixels[filled++] = static_cast<std::uint8_t>(*pixel);
    }
    if (table.next() == 1 << width && width < kMaxCodeWidth) ++width;
    previous = code;
  }
}

std::uint64_t count_gif_frames(ByteView bytes, std::size_t position) {
  constexpr std::size_t kDescriptorBytes = 9;
  constexpr std::uint8_t kExtension = 0x21;
  constexpr std::uint8_t kFrame = 0x2C;
  std::uint64_t frames = 0;
  while (position < bytes.size()) {
    const std::uint8_t record = bytes[position++];
    if (record == kExtension) {
      position = after_gif_blocks(bytes, position + 1);
    } else if (record == kFrame && bytes.size() - position > kDescriptorBytes) {
      ++frames;
      const std::uint8_t flags = bytes[position + kDescriptorBytes - 1];
      const std::size_t palette = (flags & 0x80) != 0 ? std::size_t{6} << (flags & 7) : 0;
      position = after_gif_blocks(bytes, position + kDescriptorBytes + palette + 1);
    } else {
      break;
    }
  }
  return frames;
}

}  // namespace styletransfer
