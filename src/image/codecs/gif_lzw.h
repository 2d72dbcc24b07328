// GIF data layout: blocks of up to 255 bytes, and the LZW codes in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "image/codecs/decoder.h"

namespace styletransfer {

/// Largest initial code width of a GIF; codes grow to at most 12 bits.
inline constexpr int kMaxGifCodeBits = 11;

/// Returns the position after the blocks that begin at `position`; the end of the bytes if they are
/// truncated.
[[nodiscard]] std::size_t after_gif_blocks(ByteView bytes, std::size_t position);

/// Decodes the blocks that begin at `position`, whose initial code width is `code_bits` (1 to
/// kMaxGifCodeBits), into `pixels`. Throws DecodeError for data that end early, codes not yet
/// defined and pixel values above 255.
void decode_gif_lzw(ByteView bytes, std::size_t position, int code_bits,
                    std::span<std::uint8_t> pixels);

/// Counts the frames that begin at or after `position`, which lies between two records.
[[nodiscard]] std::uint64_t count_gif_frames(ByteView bytes, std::size_t position);

}  // namespace styletransfer
