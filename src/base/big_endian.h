// Reading and writing of big-endian integers, as used by most container formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_view.h"

namespace styletransfer {

/// Reads integers from the front; past the end it returns 0 and ok() becomes false.
class BigEndianReader {
 public:
  explicit BigEndianReader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - position_; }

  /// `count`: 0 to 8 bytes.
  std::uint64_t number(unsigned count) {
    if (count > left()) ok_ = false;
    if (!ok_) return 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) value = value << 8 | bytes_[position_++];
    return value;
  }
  std::uint32_t number32(unsigned count) { return static_cast<std::uint32_t>(number(count)); }

  /// A code of four letters.
  std::string code() {
    std::string letters;
    for (int i = 0; i < 4; ++i) letters += static_cast<char>(number(1));
    return letters;
  }

  /// Text up to a zero byte or the end.
  std::string text() {
    std::string letters;
    while (left() > 0) {
      const char letter = static_cast<char>(bytes_[position_++]);
      if (letter == '\0') break;
      letters += letter;
    }
    return letters;
  }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

inline void append_number(std::vector<std::uint8_t>& bytes, std::uint64_t value, unsigned count) {
  for (unsigned i = count; i > 0; --i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
}

}  // namespace styletransfer
