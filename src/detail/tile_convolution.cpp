#include "detail/tile_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>

#include "detail/amx.h"
#include "detail/block_writer.h"
#include "detail/four_corners.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kTaps = 9;
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

/// A pooling of what a convolution gives, written in its place.
struct PooledOutput {
  bool average;
  Bits* values;     // [height / 2, width / 2, out]
  uint32_t* marks;  // [height, width, out / 32]; null: not asked for
};

/// A convolution to be carried out.
struct Work {
  int64_t first_row;  // of the output, among the input's rows
  int64_t height;
  int64_t width;
  int64_t in;
  int64_t out;
  const FeatureRows* input;
  const Bits* tiles;
  BlockFinish finish;
  const FeatureRows* multiplied = nullptr;  // rows that are multiplied by the factor; null: none
  const Bits* factor_tiles = nullptr;
  Bits* output = nullptr;
  const PooledOutput* pooled = nullptr;  // null: the output is written as it is
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
    const Bits* from = rows.columns(work.first_row + y, first, last, scratch);
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

/// A thread's own memory.
struct Scratch {
  PackedRows input;
  PackedRows multiplied;
  Bits* slab;  // 32 features of a region that are to be pooled
  FeatureRows::Scratch rows;
};

/// Pools 32 features of a region, [rows, columns, 32], all positive or zero.
STYLETRANSFER_AMX_TARGET void pool_slab(const Work& work, const Region& region, const Bits* slab,
                                        int64_t feature) {
  const PooledOutput& to = *work.pooled;
  const int64_t mask_pixel = work.out / kBlockFeatures;
  const int64_t corners[4] = {0, 1, work.width, work.width + 1};
  for (int64_t y = region.first_row; y < region.last_row; y += 2) {
    const Bits* top = slab + (y - region.first_row) * region.columns() * kBlockFeatures;
    for (int64_t x = region.first_column; x < region.last_column; x += 2) {
      const Bits* bottom = top + region.columns() * kBlockFeatures;
      const __m512i values[4] = {_mm512_loadu_si512(top), _mm512_loadu_si512(top + kBlockFeatures),
                                 _mm512_loadu_si512(bottom),
                                 _mm512_loadu_si512(bottom + kBlockFeatures)};
      uint32_t marks[4];
      const __m512i result =
          to.average ? average_of_four(values, marks) : largest_of_four(values, marks);
      _mm512_storeu_si512(to.values + ((y / 2) * (work.width / 2) + x / 2) * work.out + feature,
                          result);
      if (to.marks != nullptr) {
        uint32_t* at = to.marks + (y * work.width + x) * mask_pixel + feature / kBlockFeatures;
        for (int corner = 0; corner < 4; ++corner) at[corners[corner] * mask_pixel] = marks[corner];
      }
      top += 2 * kBlockFeatures;
    }
  }
}

void convolve_region(const Work& work, const Region& region, Scratch& scratch,
                     BlockWriter& writer) {
  pack(work, region, *work.input, work.in, 1, scratch.input, scratch.rows);
  if (work.multiplied != nullptr) {
    pack(work, region, *work.multiplied, work.out, 0, scratch.multiplied, scratch.rows);
  }
  const bool pools = work.pooled != nullptr;
  const BlockTarget whole{work.output, work.width, work.out};
  // The slab begins at the region's own first pixel.
  const BlockTarget slab{
      scratch.slab - (region.first_row * region.columns() + region.first_column) * kBlockFeatures,
      region.columns(), kBlockFeatures};
  for (int64_t feature = 0; feature < work.out; feature += kBlockFeatures) {
    for (int64_t pixel = 0; pixel < region.pixels(); pixel += kBlockPixels) {
      writer.begin(pools ? slab : whole, region, pixel, feature, pools ? 0 : feature);
      sum_block(work, region.pitch(), scratch.input, scratch.multiplied, pixel, feature, writer);
    }
    if (pools) {
      writer.finish();
      pool_slab(work, region, scratch.slab, feature);
    }
  }
  writer.finish();
}

/// The output cut into regions whose packed input fits the cache, a whole number for each thread
/// where there are rows enough; `unit`: pixels that stay together, down and across.
struct Regions {
  Regions(const Work& work, int64_t threads, int64_t unit) : unit(unit) {
    height = work.height / unit;
    width = work.width / unit;
    const int64_t pixel_bytes = work.in * static_cast<int64_t>(sizeof(Bits));
    across = std::clamp<int64_t>(work.width * pixel_bytes * kLeastRows / kPackedBytes, 1, width);
    columns = (width + across - 1) / across * unit;
    const int64_t wanted = std::max(kLeastRows, kPackedBytes / ((columns + 2) * pixel_bytes)) - 2;
    down = (work.height + wanted - 1) / wanted;
    down = std::min((down + threads - 1) / threads * threads, height);
    rows = (height + down - 1) / down * unit;
  }
  [[nodiscard]] int64_t count() const { return down * across; }
  [[nodiscard]] Region at(int64_t index) const {
    const int64_t y = index / across;
    const int64_t x = index % across;
    return {y * height / down * unit, (y + 1) * height / down * unit, x * width / across * unit,
            (x + 1) * width / across * unit};
  }

  int64_t unit;
  int64_t height;  // in units
  int64_t width;
  int64_t across;
  int64_t down;
  int64_t rows;     // most in a region
  int64_t columns;  // most in a region
};

void convolve(const Work& work) {
  const int64_t threads = at::get_num_threads();
  const Regions regions(work, threads, work.pooled == nullptr ? 1 : 2);
  const int64_t chunk_values = packed_chunk_values(regions.rows, regions.columns);
  const int64_t input_values = work.in / kTileDepth * chunk_values;
  const int64_t multiplied_values =
      work.multiplied == nullptr ? 0 : work.out / kTileDepth * chunk_values;
  const int64_t slab_values =
      work.pooled == nullptr ? 0 : regions.rows * regions.columns * kBlockFeatures;
  const at::Tensor memory =
      at::empty({threads, input_values + multiplied_values + slab_values}, at::kBFloat16);
  // Threads take regions as they come: one core is always a little slower than another.
  std::atomic<int64_t> next{0};
  at::parallel_for(0, threads, 1, [&](int64_t /*begin*/, int64_t /*end*/) {
    const amx::TileScope tiles;
    Bits* own = bits(memory) + at::get_thread_num() * memory.size(1);
    Scratch scratch{{own, chunk_values},
                    {own + input_values, chunk_values},
                    own + input_values + multiplied_values,
                    {}};
    BlockWriter writer(work.finish);
    for (int64_t i = next++; i < regions.count(); i = next++) {
      convolve_region(work, regions.at(i), scratch, writer);
    }
  });
}

uint32_t* words(const at::Tensor& mask) {
  return mask.defined() ? reinterpret_cast<uint32_t*>(mask.data_ptr<uint8_t>()) : nullptr;
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

at::Tensor TileConvolution::run(const FeatureRows& input, Rows rows, int64_t width,
                                const ConvolutionFinish& finish) const {
  at::Tensor output = finish.output;
  if (!output.defined()) output = at::empty({rows.count(), width, out_channels_}, at::kBFloat16);
  Work work{rows.first, rows.count(), width, in_channels_, out_channels_, &input, bits(tiles_), {}};
  work.output = bits(output);
  work.finish = {bias_values(), finish.relu, nullptr, words(finish.mask), words(finish.marks)};
  if (finish.features.defined()) work.finish.features = bits(finish.features);
  at::Tensor factor_tiles;
  std::optional<StoredRows> multiplied;
  if (finish.factor.defined()) {
    factor_tiles = right_hand_tiles(finish.factor);
    work.factor_tiles = bits(factor_tiles);
    multiplied.emplace(finish.features, rows.first);
    work.multiplied = &*multiplied;
  }
  convolve(work);
  return output;
}

void TileConvolution::run_pooled(const FeatureRows& input, Rows rows, int64_t width, PoolKind kind,
                                 const at::Tensor& pooled, const at::Tensor& marks) const {
  if (pooled.numel() == 0) return;
  Work work{rows.first, rows.count() / 2 * 2, width, in_channels_, out_channels_,
            &input,     bits(tiles_),         {}};
  work.finish = {bias_values(), true, nullptr, nullptr, nullptr};
  const PooledOutput to{kind == PoolKind::kAverage, bits(pooled), words(marks)};
  work.pooled = &to;
  convolve(work);
}

const float* TileConvolution::bias_values() const {
  return bias_.defined() ? bias_.data_ptr<float>() : nullptr;
}

#else

at::Tensor TileConvolution::run(const FeatureRows& /*input*/, Rows /*rows*/, int64_t /*width*/,
                                const ConvolutionFinish& /*finish*/) const {
  return {};
}
void TileConvolution::run_pooled(const FeatureRows& /*input*/, Rows /*rows*/, int64_t /*width*/,
                                 PoolKind /*kind*/, const at::Tensor& /*pooled*/,
                                 const at::Tensor& /*marks*/) const {}
const float* TileConvolution::bias_values() const { return nullptr; }

#endif

}  // namespace styletransfer::detail
