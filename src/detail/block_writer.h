// How a convolution on tiles hands its sums over: blocks of 32 pixels by 32 features, finished,
// rounded and written.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "detail/tiles.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace styletransfer::detail {

// Two tiles of pixels by two tiles of output features, so that each tile that is loaded is used
// twice.
constexpr int64_t kBlockPixels = 2 * kTileRows;
constexpr int64_t kBlockFeatures = 2 * kTileRows;

/// A part of an output, in its rows and columns.
struct Region {
  int64_t first_row;
  int64_t last_row;
  int64_t first_column;
  int64_t last_column;

  [[nodiscard]] int64_t columns() const { return last_column - first_column; }
  /// Pixels from one row to the next in packed input: with a halo on both sides, so that
  /// neighbouring rows follow one another and a tile may run from one into the next.
  [[nodiscard]] int64_t pitch() const { return columns() + 2; }
  [[nodiscard]] int64_t pixels() const { return (last_row - first_row) * pitch(); }
};

/// What becomes of sums on their way to the output.
struct BlockFinish {
  const float* bias = nullptr;
  bool relu = false;
  // Null: not asked for. As the output: kept where the features are positive or the mask is set;
  // marks: filled where the result is positive.
  const Bits* features = nullptr;
  const uint32_t* mask = nullptr;
  uint32_t* marks = nullptr;
};

/// Where a block's features go: [rows, width, channels], of which a region is written.
struct BlockTarget {
  Bits* values;
  int64_t width;
  int64_t channels;
};

/// Writes a block's sums a few pixels at a time while the tile unit works on the next block, whose
/// places it fetches meanwhile: by themselves both would take a fifth of the time.
class BlockWriter {
 public:
  explicit BlockWriter(const BlockFinish& finish) : finish_(finish) {}

  /// The block whose sums are wanted next; the one before it has its own by now.
  /// `place_of_feature`: the first one's among the target's channels.
  void begin(const BlockTarget& target, const Region& region, int64_t pixel, int64_t feature,
             int64_t place_of_feature) {
    std::swap(block_, previous_);
    done_ = 0;
    block_->values = target.values;
    block_->feature = feature;
    int64_t row = region.first_row + pixel / region.pitch();
    int64_t column = region.first_column + pixel % region.pitch();
    for (int64_t& place : block_->places) {
      // The halo's pixels between two rows are nobody's.
      const bool real = column < region.last_column && row < region.last_row;
      place = real ? (row * target.width + column) * target.channels + place_of_feature : -1;
      if (++column == region.last_column + 2) {
        column = region.first_column;
        ++row;
      }
    }
  }
  [[nodiscard]] float* sums() { return block_->sums; }

  STYLETRANSFER_AMX_TARGET void advance(int64_t pixels) {
    for (const int64_t end = std::min(done_ + pixels, kBlockPixels); done_ < end; ++done_) {
      fetch(*block_, block_->places[done_]);
      write(done_);
    }
  }
  /// The last block is there too.
  void finish() {
    std::swap(block_, previous_);
    done_ = 0;
    std::fill_n(block_->places, kBlockPixels, -1);
    advance(kBlockPixels);
    std::fill_n(previous_->places, kBlockPixels, -1);
  }

 private:
  struct Block {
    alignas(64) float sums[4 * 256];
    int64_t places[kBlockPixels];  // where each pixel's features go; negative: nobody's pixel
    Bits* values;
    int64_t feature;
  };

  STYLETRANSFER_AMX_TARGET __attribute__((target("prfchw"))) void fetch(const Block& block,
                                                                        int64_t place) const {
    if (place < 0) return;
    __builtin_prefetch(block.values + place, 1);
    if (finish_.features != nullptr) __builtin_prefetch(finish_.features + place);
  }

  STYLETRANSFER_AMX_TARGET void write(int64_t pixel) const {
    const int64_t place = previous_->places[pixel];
    if (place < 0) return;
    const float* sum = previous_->sums + pixel / kTileRows * 512 + pixel % kTileRows * 16;
    const __m512i value = finished(_mm512_load_ps(sum), _mm512_load_ps(sum + 256), place);
    _mm512_storeu_si512(previous_->values + place, value);
    if (finish_.marks != nullptr) {
      finish_.marks[place / kBlockFeatures] =
          _mm512_cmpgt_epi16_mask(value, _mm512_setzero_si512());
    }
  }

  STYLETRANSFER_AMX_TARGET __m512i finished(__m512 low, __m512 high, int64_t place) const {
    if (finish_.bias != nullptr) {
      low = _mm512_add_ps(low, _mm512_loadu_ps(finish_.bias + previous_->feature));
      high = _mm512_add_ps(high, _mm512_loadu_ps(finish_.bias + previous_->feature + 16));
    }
    if (finish_.relu) {
      low = _mm512_max_ps(low, _mm512_setzero_ps());
      high = _mm512_max_ps(high, _mm512_setzero_ps());
    }
    const __m512bh rounded = _mm512_cvtne2ps_pbh(high, low);
    __m512i value;
    std::memcpy(&value, &rounded, sizeof(value));
    if (finish_.mask != nullptr) {
      return _mm512_maskz_mov_epi16(finish_.mask[place / kBlockFeatures], value);
    }
    if (finish_.features == nullptr) return value;
    const __m512i feature = _mm512_loadu_si512(finish_.features + place);
    return _mm512_maskz_mov_epi16(_mm512_cmpgt_epi16_mask(feature, _mm512_setzero_si512()), value);
  }

  static Block empty_block() {
    Block block{};
    std::fill_n(block.places, kBlockPixels, -1);
    return block;
  }

  BlockFinish finish_;
  Block blocks_[2]{empty_block(), empty_block()};
  Block* block_ = &blocks_[0];
  Block* previous_ = &blocks_[1];
  int64_t done_ = 0;
};

}  // namespace styletransfer::detail

#endif
