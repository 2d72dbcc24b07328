// GIF's own data layout: blocks of up to 255 bytes, and LZW codes in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "images/decoder.h"

namespace styletransfer {

/// The widest codes that a GIF can start with: they are followed by codes of 12 bits at most.
inline constexpr int kMaxGifCodeBits = 11;

/// The position after the blocks that begin at `position`; the end of the bytes where they are cut.
[[nodiscard]] std::size_t after_gif_blocks(ByteView bytes, std::size_t position);

/// Decodes the blocks that begin at `position`, whose codes start with `code_bits` (1 to
/// kMaxGifCodeBits) bits, into `pixels`. Throws DecodeError for data that ends early, codes that
/// have no meaning yet and pixel values above 255.
void decode_gif_lzw(ByteView bytes, std::size_t position, int code_bits,
                    std::span<std::uint8_t> pixels);

/// How many frames begin in the bytes from `position` (between two records) on.
[[nodiscard]] std::uint64_t count_gif_frames(ByteView bytes, std::size_t position);

}  // namespace styletransfer
