// Epilogue of the AMX convolution: bias, ReLU, masks, rounding and storing.
//
// Works on blocks of 32 pixels by 32 features.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/amx/amx_layout.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace styletransfer::detail {

// Register blocking: two tiles of 16 pixels by two tiles of 16 output features. Tiles 0 to 3 hold
// the sums, 4 and 5 the pixels, 6 and 7 the weights, so all eight are in use and every loaded tile
// takes part in two multiplications (four loads for four products).
constexpr int64_t kBlockPixels = 2 * kTileRows;
constexpr int64_t kBlockFeatures = 2 * kTileRows;

/// A rectangle of the output: rows [first_row, last_row), columns [first_column, last_column).
struct Region {
  int64_t first_row;
  int64_t last_row;
  int64_t first_column;
  int64_t last_column;

  [[nodiscard]] int64_t columns() const { return last_column - first_column; }
  /// Pixels from one row to the next in packed input. Each row has one halo pixel on both sides and
  /// rows are contiguous, so a tile of 16 pixels may continue from one row into the next; the sums
  /// that belong to halo pixels are computed too and then dropped.
  [[nodiscard]] int64_t pitch() const { return columns() + 2; }
  /// Pixels to compute, including two halo pixels per row.
  [[nodiscard]] int64_t pixels() const { return (last_row - first_row) * pitch(); }
};

/// The operations applied to sums on the way to the output, in this order: bias, ReLU, rounding,
/// mask. Null pointers skip an operation.
struct BlockEpilogue {
  const float* bias = nullptr;
  bool relu = false;
  // These have the output's layout (masks: one 32-bit word per 32 channels). The result is set to 0
  // where `features` are not positive or `mask` is not set; `marks` is filled with result > 0.
  const Bits* features = nullptr;
  const uint32_t* mask = nullptr;
  uint32_t* marks = nullptr;
};

/// Destination [rows, width, channels], of which a region is written.
struct BlockTarget {
  Bits* values;
  int64_t width;
  int64_t channels;
};

/// Writes the sums of one block, a few pixels at a time, between the tile instructions of the next
/// block, and prefetches that block's destination. The vector units and the tile unit work in
/// parallel; done separately, writing and waiting for memory would take a fifth of the time.
///
/// Two blocks are alive at any time: the current one, whose sums are being computed, and the
/// previous one, which is being written.
class BlockWriter {
 public:
  explicit BlockWriter(const BlockEpilogue& epilogue) : epilogue_(epilogue) {}

  /// Starts a block of 32 pixels from `pixel` on (counted in region.pixels()) and 32 features from
  /// `feature` on (for the bias). The sums of the previous block must be complete.
  /// `place_of_feature`: the target channel of the first feature.
  void begin(const BlockTarget& target, const Region& region, int64_t pixel, int64_t feature,
             int64_t place_of_feature) {
    std::swap(block_, previous_);
    done_ = 0;
    block_->values = target.values;
    block_->feature = feature;
    int64_t row = region.first_row + pixel / region.pitch();
    int64_t column = region.first_column + pixel % region.pitch();
    for (int64_t& place : block_->places) {
      // Halo pixels between two rows, and pixels after the last row, have no destination.
      const bool real = column < region.last_column && row < region.last_row;
      place = real ? (row * target.width + column) * target.channels + place_of_feature : -1;
      if (++column == region.last_column + 2) {
        column = region.first_column;
        ++row;
      }
    }
  }
  /// The current block's sums, to be filled from tiles 0 to 3: [2 pixel tiles][2 feature tiles][16
  /// pixels][16 features].
  [[nodiscard]] float* sums() { return block_->sums; }

  /// Writes the next `pixels` pixels of the previous block, up to its 32.
  STYLETRANSFER_AMX_TARGET void advance(int64_t pixels) {
    for (const int64_t end = std::min(done_ + pixels, kBlockPixels); done_ < end; ++done_) {
      fetch(*block_, block_->places[done_]);
      write(done_);
    }
  }
  /// Writes the last block, after its sums are complete.
  void flush() {
    std::swap(block_, previous_);
    done_ = 0;
    std::fill_n(block_->places, kBlockPixels, -1);
    advance(kBlockPixels);
    std::fill_n(previous_->places, kBlockPixels, -1);
  }

 private:
  struct Block {
    alignas(64) float sums[4 * 256];
    int64_t places[kBlockPixels];  // offset of each pixel's features in the target; -1: none
    Bits* values;
    int64_t feature;
  };

  /// Prefetches a pixel's destination for writing (32 features are one cache line) and, if there
  /// are any, the features that its result will be compared with.
  STYLETRANSFER_AMX_TARGET __attribute__((target("prfchw"))) void fetch(const Block& block,
                                                                        int64_t place) const {
    if (place < 0) return;
    __builtin_prefetch(block.values + place, 1);
    if (epilogue_.features != nullptr) __builtin_prefetch(epilogue_.features + place);
  }

  /// Writes 32 features of a pixel of the previous block with one 64-byte store.
  STYLETRANSFER_AMX_TARGET void write(int64_t pixel) const {
    const int64_t place = previous_->places[pixel];
    if (place < 0) return;
    // Tiles 0 and 1 hold pixels 0 to 15, tiles 2 and 3 pixels 16 to 31, 256 floats each.
    const float* sum = previous_->sums + pixel / kTileRows * 512 + pixel % kTileRows * 16;
    const __m512i value = apply_epilogue(_mm512_load_ps(sum), _mm512_load_ps(sum + 256), place);
    _mm512_storeu_si512(previous_->values + place, value);
    if (epilogue_.marks != nullptr) {
      epilogue_.marks[place / kBlockFeatures] =
          _mm512_cmpgt_epi16_mask(value, _mm512_setzero_si512());
    }
  }

  /// Bias, ReLU, rounding to bfloat16 and mask for features 0-15 (`low`) and 16-31 (`high`).
  STYLETRANSFER_AMX_TARGET __m512i apply_epilogue(__m512 low, __m512 high, int64_t place) const {
    if (epilogue_.bias != nullptr) {
      low = _mm512_add_ps(low, _mm512_loadu_ps(epilogue_.bias + previous_->feature));
      high = _mm512_add_ps(high, _mm512_loadu_ps(epilogue_.bias + previous_->feature + 16));
    }
    if (epilogue_.relu) {
      low = _mm512_max_ps(low, _mm512_setzero_ps());
      high = _mm512_max_ps(high, _mm512_setzero_ps());
    }
    const __m512bh rounded = _mm512_cvtne2ps_pbh(high, low);
    __m512i value;
    std::memcpy(&value, &rounded, sizeof(value));
    if (epilogue_.mask != nullptr) {
      return _mm512_maskz_mov_epi16(epilogue_.mask[place / kBlockFeatures], value);
    }
    if (epilogue_.features == nullptr) return value;
    // bfloat16 is positive where its bits, as a signed integer, are.
    const __m512i feature = _mm512_loadu_si512(epilogue_.features + place);
    return _mm512_maskz_mov_epi16(_mm512_cmpgt_epi16_mask(feature, _mm512_setzero_si512()), value);
  }

  static Block empty_block() {
    Block block{};
    std::fill_n(block.places, kBlockPixels, -1);
    return block;
  }

  BlockEpilogue epilogue_;
  Block blocks_[2]{empty_block(), empty_block()};
  Block* block_ = &blocks_[0];
  Block* previous_ = &blocks_[1];
  int64_t done_ = 0;
};

}  // namespace styletransfer::detail

#endif
