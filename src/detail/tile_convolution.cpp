#include "detail/tile_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "detail/amx.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kTaps = 9;
// A block: two tiles of pixels by two tiles of output features, so that each tile that is loaded
// is used twice.
constexpr int64_t kBlockPixels = 2 * kTileRows;
constexpr int64_t kBlockFeatures = 2 * kTileRows;
// Input packed at a time. It stays in the second-level cache (2 MB on processors with tiles)
// beside the weights of 32 features while every block of features uses it.
constexpr int64_t kPackedBytes = 768 * 1024;
// Fewer rows than this at a time would pack halos more than anything else.
constexpr int64_t kLeastRows = 6;

/// Right-hand tiles [32 output features][32 channels][tap][two halves of the features] of a weight
/// [out, in, taps...].
at::Tensor pack_weights(const at::Tensor& weight) {
  const int64_t in = weight.size(1);
  const int64_t taps = weight.numel() / (weight.size(0) * in);
  const int64_t chunks = in / kTileDepth;
  const int64_t blocks = weight.size(0) / kBlockFeatures;
  const at::Tensor values = weight.to(at::kBFloat16).contiguous();
  at::Tensor tiles = at::empty({blocks, chunks, taps, 2, kTileValues}, values.options());
  at::parallel_for(0, blocks * chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Bits* from =
          bits(values) + (i / chunks * kBlockFeatures * in + i % chunks * kTileDepth) * taps;
      Bits* to = bits(tiles) + i * taps * 2 * kTileValues;
      for (int64_t n = 0; n < kBlockFeatures; ++n) {
        for (int64_t k = 0; k < kTileDepth; ++k) {
          for (int64_t tap = 0; tap < taps; ++tap) {
            to[(2 * tap + n / kTileRows) * kTileValues + tile_index(k, n % kTileRows)] =
                from[(n * in + k) * taps + tap];
          }
        }
      }
    }
  });
  return tiles;
}

#ifdef STYLETRANSFER_HAS_AMX_CODE

/// The part of the output that is worked on at a time.
struct Region {
  int64_t first_row;
  int64_t last_row;
  int64_t first_column;
  int64_t last_column;

  /// Pixels from one row to the next in packed input: with a halo on both sides, so that
  /// neighbouring rows follow one another and a tile may run from one into the next.
  [[nodiscard]] int64_t pitch() const { return last_column - first_column + 2; }
  [[nodiscard]] int64_t pixels() const { return (last_row - first_row) * pitch(); }
};

/// A convolution to be carried out.
struct Work {
  int64_t height;
  int64_t width;
  int64_t in;
  int64_t out;
  const FeatureRows* input;
  const Bits* tiles;
  const float* bias;
  bool relu;
  const Bits* features;           // null: none
  const FeatureRows* multiplied;  // the features' rows that are multiplied; null: none
  const Bits* factor_tiles;
  Bits* output;
};

/// Rows of a region as left-hand tiles want them: [32 channels][pixel][channel].
struct PackedRows {
  Bits* values;
  int64_t chunk_values;
};

int64_t packed_chunk_values(int64_t rows, int64_t columns) {
  // The last block reads past the end, up to a halo below and beside it.
  return ((rows + 2) * (columns + 2) + kBlockPixels + 2) * kTileDepth;
}

STYLETRANSFER_AMX_TARGET void copy_pixels(const Bits* from, int64_t count, int64_t channels,
                                          Bits* to, int64_t chunk_values) {
  for (int64_t x = 0; x < count; ++x) {
    for (int64_t c = 0; c < channels / kTileDepth; ++c) {
      _mm512_storeu_si512(to + c * chunk_values, _mm512_loadu_si512(from));
      from += kTileDepth;
    }
    to += kTileDepth;
  }
}

void zero_pixels(Bits* to, int64_t count, int64_t chunks, int64_t chunk_values) {
  for (int64_t c = 0; c < chunks; ++c) {
    std::memset(to + c * chunk_values, 0, static_cast<size_t>(count * kTileDepth) * sizeof(Bits));
  }
}

/// Packs the region's rows with `halo` pixels around them, zero outside the picture.
void pack(const Work& work, const Region& region, const FeatureRows& rows, int64_t channels,
          int64_t halo, const PackedRows& to, FeatureRows::Scratch& scratch) {
  const int64_t first = std::max<int64_t>(0, region.first_column - halo);
  const int64_t last = std::min(work.width, region.last_column + halo);
  const int64_t chunks = channels / kTileDepth;
  Bits* row = to.values;
  for (int64_t y = region.first_row - halo; y < region.last_row + halo; ++y) {
    const bool inside = y >= 0 && y < work.height;
    const Bits* from = inside ? rows.columns(y, first, last, scratch) : nullptr;
    if (from == nullptr) {
      zero_pixels(row, region.pitch(), chunks, to.chunk_values);
    } else {
      const int64_t before = first - (region.first_column - halo);
      const int64_t count = last - first;
      zero_pixels(row, before, chunks, to.chunk_values);
      copy_pixels(from, count, channels, row + before * kTileDepth, to.chunk_values);
      zero_pixels(row + (before + count) * kTileDepth, region.pitch() - before - count, chunks,
                  to.chunk_values);
    }
    row += region.pitch() * kTileDepth;
  }
}

/// 32 pixels by 32 features of the output.
struct Block {
  alignas(64) float sums[4 * 256];
  int64_t places[kBlockPixels];  // where each pixel's features go; negative: nobody's pixel
  int64_t feature;
};

/// Writes a block's sums a few pixels at a time while the tile unit works on the next block, whose
/// places it fetches meanwhile: by themselves both would take a fifth of the time.
class BlockWriter {
 public:
  explicit BlockWriter(const Work& work) : work_(work) {}

  /// The block whose sums are wanted next; the one before it has its own by now.
  void begin(const Region& region, int64_t pixel, int64_t feature) {
    std::swap(block_, previous_);
    done_ = 0;
    block_->feature = feature;
    int64_t row = region.first_row + pixel / region.pitch();
    int64_t column = region.first_column + pixel % region.pitch();
    for (int64_t& place : block_->places) {
      // The halo's pixels between two rows are nobody's.
      const bool real = column < region.last_column && row < region.last_row;
      place = real ? (row * work_.width + column) * work_.out + feature : -1;
      if (++column == region.last_column + 2) {
        column = region.first_column;
        ++row;
      }
    }
  }
  [[nodiscard]] float* sums() { return block_->sums; }

  STYLETRANSFER_AMX_TARGET void advance(int64_t pixels) {
    for (const int64_t end = std::min(done_ + pixels, kBlockPixels); done_ < end; ++done_) {
      fetch(block_->places[done_]);
      write(done_);
    }
  }
  /// The region's last block is there too.
  void finish() {
    std::swap(block_, previous_);
    done_ = 0;
    std::fill_n(block_->places, kBlockPixels, -1);
    advance(kBlockPixels);
    std::fill_n(previous_->places, kBlockPixels, -1);
  }

 private:
  STYLETRANSFER_AMX_TARGET __attribute__((target("prfchw"))) void fetch(int64_t place) const {
    if (place < 0) return;
    __builtin_prefetch(work_.output + place, 1);
    if (work_.features != nullptr) __builtin_prefetch(work_.features + place);
  }

  STYLETRANSFER_AMX_TARGET void write(int64_t pixel) const {
    const int64_t place = previous_->places[pixel];
    if (place < 0) return;
    const float* sum = previous_->sums + pixel / kTileRows * 512 + pixel % kTileRows * 16;
    const __m512i value = finished(_mm512_load_ps(sum), _mm512_load_ps(sum + 256), place);
    _mm512_storeu_si512(work_.output + place, value);
  }

  STYLETRANSFER_AMX_TARGET __m512i finished(__m512 low, __m512 high, int64_t place) const {
    if (work_.bias != nullptr) {
      low = _mm512_add_ps(low, _mm512_loadu_ps(work_.bias + previous_->feature));
      high = _mm512_add_ps(high, _mm512_loadu_ps(work_.bias + previous_->feature + 16));
    }
    if (work_.relu) {
      low = _mm512_max_ps(low, _mm512_setzero_ps());
      high = _mm512_max_ps(high, _mm512_setzero_ps());
    }
    const __m512bh rounded = _mm512_cvtne2ps_pbh(high, low);
    __m512i value;
    std::memcpy(&value, &rounded, sizeof(value));
    if (work_.features == nullptr) return value;
    const __m512i feature = _mm512_loadu_si512(work_.features + place);
    return _mm512_maskz_mov_epi16(_mm512_cmpgt_epi16_mask(feature, _mm512_setzero_si512()), value);
  }

  static Block empty_block() {
    Block block{};
    std::fill_n(block.places, kBlockPixels, -1);
    return block;
  }

  const Work& work_;
  Block blocks_[2]{empty_block(), empty_block()};
  Block* block_ = &blocks_[0];
  Block* previous_ = &blocks_[1];
  int64_t done_ = 0;
};

/// Adds the products of 32 pixels and 32 channels with 32 features' weights to tiles 0 to 3.
STYLETRANSFER_AMX_TARGET inline void add_products(const Bits* pixels, const Bits* weights) {
  _tile_loadd(4, pixels, 64);
  _tile_loadd(6, weights, 64);
  _tile_loadd(7, weights + kTileValues, 64);
  _tile_loadd(5, pixels + kTileValues, 64);
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}

/// The sums of 32 pixels and 32 features from `pixel` and `feature` on.
STYLETRANSFER_AMX_TARGET void sum_block(const Work& work, int64_t pitch, const PackedRows& input,
                                        const PackedRows& multiplied, int64_t pixel,
                                        int64_t feature, BlockWriter& writer) {
  const int64_t chunks = work.in / kTileDepth;
  const Bits* weights = work.tiles + feature * work.in * kTaps;
  const int64_t at_once = 1 + kBlockPixels / (chunks * kTaps);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t c = 0; c < chunks; ++c) {
    for (int64_t y = 0; y < 3; ++y) {
      const Bits* from = input.values + c * input.chunk_values + (pixel + y * pitch) * kTileDepth;
      for (int64_t x = 0; x < 3; ++x) {
        add_products(from + x * kTileDepth, weights);
        weights += 2 * kTileValues;
        writer.advance(at_once);
      }
    }
  }
  if (work.multiplied != nullptr) {
    const Bits* factor = work.factor_tiles + feature * work.out;
    for (int64_t c = 0; c < work.out / kTileDepth; ++c) {
      add_products(multiplied.values + c * multiplied.chunk_values + pixel * kTileDepth, factor);
      factor += 2 * kTileValues;
    }
  }
  writer.advance(kBlockPixels);
  float* sums = writer.sums();
  _tile_stored(0, sums, 64);
  _tile_stored(1, sums + 256, 64);
  _tile_stored(2, sums + 512, 64);
  _tile_stored(3, sums + 768, 64);
}

void convolve_region(const Work& work, const Region& region, const PackedRows& input,
                     const PackedRows& multiplied, FeatureRows::Scratch& scratch,
                     BlockWriter& writer) {
  pack(work, region, *work.input, work.in, 1, input, scratch);
  if (work.multiplied != nullptr) {
    pack(work, region, *work.multiplied, work.out, 0, multiplied, scratch);
  }
  for (int64_t feature = 0; feature < work.out; feature += kBlockFeatures) {
    for (int64_t pixel = 0; pixel < region.pixels(); pixel += kBlockPixels) {
      writer.begin(region, pixel, feature);
      sum_block(work, region.pitch(), input, multiplied, pixel, feature, writer);
    }
  }
  writer.finish();
}

/// The output cut into regions whose packed input fits the cache, a whole number for each thread
/// where there are rows enough.
struct Regions {
  Regions(int64_t height, int64_t width, int64_t channels, int64_t threads) {
    const int64_t pixel_bytes = channels * static_cast<int64_t>(sizeof(Bits));
    across = std::clamp<int64_t>(width * pixel_bytes * kLeastRows / kPackedBytes, 1, width);
    columns = (width + across - 1) / across;
    const int64_t wanted = std::max(kLeastRows, kPackedBytes / ((columns + 2) * pixel_bytes)) - 2;
    down = (height + wanted - 1) / wanted;
    down = std::min((down + threads - 1) / threads * threads, height);
    rows = (height + down - 1) / down;
  }
  [[nodiscard]] Region at(int64_t index, int64_t height, int64_t width) const {
    const int64_t y = index / across;
    const int64_t x = index % across;
    return {y * height / down, (y + 1) * height / down, x * width / across,
            (x + 1) * width / across};
  }

  int64_t across;
  int64_t down;
  int64_t rows;     // most in a region
  int64_t columns;  // most in a region
};

void convolve(const Work& work) {
  const int64_t threads = at::get_num_threads();
  const Regions regions(work.height, work.width, work.in, threads);
  const int64_t chunk_values = packed_chunk_values(regions.rows, regions.columns);
  const int64_t input_values = work.in / kTileDepth * chunk_values;
  const int64_t values =
      input_values + (work.multiplied == nullptr ? 0 : work.out / kTileDepth * chunk_values);
  const at::Tensor packed = at::empty({threads, values}, at::kBFloat16);
  // Threads take regions as they come: one core is always a little slower than another.
  std::atomic<int64_t> next{0};
  at::parallel_for(0, threads, 1, [&](int64_t /*begin*/, int64_t /*end*/) {
    const amx::TileScope tiles;
    Bits* own = bits(packed) + at::get_thread_num() * values;
    const PackedRows input{own, chunk_values};
    const PackedRows multiplied{own + input_values, chunk_values};
    FeatureRows::Scratch scratch;
    BlockWriter writer(work);
    for (int64_t i = next++; i < regions.down * regions.across; i = next++) {
      convolve_region(work, regions.at(i, work.height, work.width), input, multiplied, scratch,
                      writer);
    }
  });
}

#endif

}  // namespace

bool TileConvolution::is_usable(const at::Tensor& weight) {
  return amx::is_usable() && weight.size(0) % kBlockFeatures == 0 &&
         weight.size(1) % kTileDepth == 0;
}

TileConvolution::TileConvolution(const at::Tensor& weight, const at::Tensor& bias)
    : in_channels_(weight.size(1)),
      out_channels_(weight.size(0)),
      tiles_(pack_weights(weight)),
      bias_(bias.defined() ? bias.to(at::kFloat).contiguous() : bias) {}

#ifdef STYLETRANSFER_HAS_AMX_CODE

at::Tensor TileConvolution::run(const FeatureRows& input, int64_t height, int64_t width,
                                const ConvolutionFinish& finish) const {
  at::Tensor output = at::empty({height, width, out_channels_}, at::kBFloat16);
  Work work{height,  width,       in_channels_, out_channels_, &input,  bits(tiles_),
            nullptr, finish.relu, nullptr,      nullptr,       nullptr, bits(output)};
  if (bias_.defined()) work.bias = bias_.data_ptr<float>();
  if (finish.features.defined()) work.features = bits(finish.features);
  at::Tensor factor_tiles;
  std::optional<StoredRows> multiplied;
  if (finish.factor.defined()) {
    factor_tiles = right_hand_tiles(finish.factor);
    work.factor_tiles = bits(factor_tiles);
    multiplied.emplace(finish.features, finish.first_row, finish.last_row);
    work.multiplied = &*multiplied;
  }
  convolve(work);
  return output;
}

#else

at::Tensor TileConvolution::run(const FeatureRows& /*input*/, int64_t /*height*/, int64_t /*width*/,
                                const ConvolutionFinish& /*finish*/) const {
  return {};
}

#endif

}  // namespace styletransfer::detail
