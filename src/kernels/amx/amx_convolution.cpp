#include "kernels/amx/amx_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>

#include "kernels/amx/amx.h"
#include "kernels/amx/amx_epilogue.h"
#include "kernels/amx/pool2x2_simd.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kTaps = 9;
// Size of the packed input of one region. It stays in the second-level cache (2 MB on processors
// with AMX), together with the weights of 32 features (288 KB for 512 input channels), while the
// loop over output features reads it again and again.
constexpr int64_t kPackedBytes = 768 * 1024;
// Minimum packed rows of a region, two of which are halo: with fewer, packing halos would dominate.
constexpr int64_t kMinRows = 6;

/// Weights [out, in, taps...] as right-hand tiles in the order in which sum_block reads them:
/// [out / 32][in / 32][tap][2 halves of 16 output features][tile of 32 channels by 16 features].
/// The inner loop therefore reads its weights as one sequential stream.
at::Tensor pack_weights(const at::Tensor& weight) {
  const int64_t in = weight.size(1);
  const int64_t taps = weight.numel() / (weight.size(0) * in);
  const int64_t chunks = in / kTileDepth;
  const int64_t blocks = weight.size(0) / kBlockFeatures;
  const at::Tensor values = weight.to(at::kBFloat16).contiguous();
  at::Tensor tiles = at::empty({blocks, chunks, taps, 2, kTileValues}, values.options());
  // i enumerates pairs (block of 32 output features, chunk of 32 input channels).
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

/// Destination of a convolution with fused pooling (run_pooled).
struct PooledOutput {
  bool average;
  Bits* values;     // [height / 2, width / 2, out]
  uint32_t* marks;  // the pooling's mask, [height, width, out / 32] words; null: not wanted
};

/// Arguments of one convolution.
struct Work {
  int64_t first_row;  // input row that corresponds to output row 0
  int64_t height;
  int64_t width;
  int64_t in;
  int64_t out;
  const RowSource* input;
  const Bits* tiles;
  BlockEpilogue epilogue;
  const RowSource* multiplied = nullptr;  // features of the Gram gradient; null: none
  const Bits* factor_tiles = nullptr;     // their factor, as right-hand tiles
  Bits* output = nullptr;
  const PooledOutput* pooled = nullptr;  // replaces `output` if pooling is fused
};

/// A region's input in the layout of left-hand tiles: [channels / 32][pixel][32 channels]. 16
/// consecutive pixels of a chunk are a tile (16 rows of 64 bytes). A tap at (y, x) only shifts the
/// starting pixel by y * pitch + x, so all nine taps read the same packed memory and no im2col
/// matrix is built.
struct PackedRows {
  Bits* values;
  int64_t chunk_values;
};

/// Capacity of one chunk of 32 channels for a region of rows x columns output pixels.
int64_t packed_chunk_values(int64_t rows, int64_t columns) {
  // The last block of 32 pixels may start at the last pixel, and its taps read two pixels further.
  return ((rows + 2) * (columns + 2) + kBlockPixels + 2) * kTileDepth;
}

/// Copies `count` pixels [count, channels] into all chunks: one 64-byte vector per 32 channels.
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

/// Packs the region's rows with `halo` (0 or 1) rows and columns around them; positions outside the
/// image are the convolution's zero padding. With halo 0, rows still have region.pitch() pixels, so
/// that pixel numbers agree with those of the input; the two at the end of a row are zero.
void pack(const Work& work, const Region& region, const RowSource& rows, int64_t channels,
          int64_t halo, const PackedRows& to, RowSource::Scratch& scratch) {
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

/// tiles 0-3 += [32 pixels, 32 channels] x [32 channels, 32 features]. The loads are ordered such
/// that the first product can start after two of them.
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

/// Computes the sums of 32 pixels (from `pixel` on) and 32 features (from `feature` on). The tiles
/// accumulate over all channels and taps without going to memory: chunk by chunk of 32 channels,
/// inside that tap by tap. This order is the same for every pixel, whatever the region.
STYLETRANSFER_AMX_TARGET void sum_block(const Work& work, int64_t pitch, const PackedRows& input,
                                        const PackedRows& multiplied, int64_t pixel,
                                        int64_t feature, BlockWriter& writer) {
  const int64_t chunks = work.in / kTileDepth;
  const Bits* weights = work.tiles + feature * work.in * kTaps;
  // Writing of the previous block is spread evenly over this block's chunks * 9 products.
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
  // The Gram gradient is a 1x1 convolution of the features, added to the same sums.
  if (work.multiplied != nullptr) {
    const Bits* factor = work.factor_tiles + feature * work.out;
    for (int64_t c = 0; c < work.out / kTileDepth; ++c) {
      add_products(multiplied.values + c * multiplied.chunk_values + pixel * kTileDepth, factor);
      factor += 2 * kTileValues;
    }
  }
  writer.advance(kBlockPixels);  // whatever is left of the previous block
  float* sums = writer.sums();
  _tile_stored(0, sums, 64);
  _tile_stored(1, sums + 256, 64);
  _tile_stored(2, sums + 512, 64);
  _tile_stored(3, sums + 768, 64);
}

/// Memory of one thread.
struct Scratch {
  PackedRows input;
  PackedRows multiplied;
  Bits* slab;  // 32 features of a region before pooling, [rows, columns, 32]
  RowSource::Scratch rows;
};

/// Pools 32 features of a region from the slab, [rows, columns, 32], all >= 0 (after ReLU), and
/// writes them to channels feature .. feature + 31 of the pooled output. Rows and columns are even.
STYLETRANSFER_AMX_TARGET void pool_slab(const Work& work, const Region& region, const Bits* slab,
                                        int64_t feature) {
  const PooledOutput& to = *work.pooled;
  const int64_t mask_pixel = work.out / kBlockFeatures;
  // Mask offsets, in pixels, of a cell's corners.
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
          to.average ? average_of_four(values, marks) : max_of_four(values, marks);
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

/// Convolves one region: packs its input once, then computes all output features in blocks of 32.
/// Features are the outer loop so that the weights of a block (read from memory or a shared cache)
/// are used for all pixels of the region while the packed input stays in the second-level cache.
void convolve_region(const Work& work, const Region& region, Scratch& scratch,
                     BlockWriter& writer) {
  pack(work, region, *work.input, work.in, 1, scratch.input, scratch.rows);
  if (work.multiplied != nullptr) {
    pack(work, region, *work.multiplied, work.out, 0, scratch.multiplied, scratch.rows);
  }
  const bool pools = work.pooled != nullptr;
  const BlockTarget whole{work.output, work.width, work.out};
  // BlockWriter addresses by image coordinates, but the slab begins at the region's first pixel.
  const BlockTarget slab{
      scratch.slab - (region.first_row * region.columns() + region.first_column) * kBlockFeatures,
      region.columns(), kBlockFeatures};
  for (int64_t feature = 0; feature < work.out; feature += kBlockFeatures) {
    for (int64_t pixel = 0; pixel < region.pixels(); pixel += kBlockPixels) {
      writer.begin(pools ? slab : whole, region, pixel, feature, pools ? 0 : feature);
      sum_block(work, region.pitch(), scratch.input, scratch.multiplied, pixel, feature, writer);
    }
    if (pools) {
      // Pooling needs the complete slab; afterwards the next 32 features overwrite it.
      writer.flush();
      pool_slab(work, region, scratch.slab, feature);
    }
  }
  writer.flush();
}

/// Partition of the output into a grid of regions whose packed input has about kPackedBytes. The
/// number of row bands is a multiple of the number of threads if there are enough rows. Region
/// edges are multiples of `unit` pixels (2 with pooling, so that no cell is split).
struct Regions {
  Regions(const Work& work, int64_t threads, int64_t unit) : unit(unit) {
    // Columns are split only if kMinRows rows of full width would not fit.
    height = work.height / unit;
    width = work.width / unit;
    const int64_t pixel_bytes = work.in * static_cast<int64_t>(sizeof(Bits));
    across = std::clamp<int64_t>(work.width * pixel_bytes * kMinRows / kPackedBytes, 1, width);
    columns = (width + across - 1) / across * unit;
    // Rows of output per region: packed rows that fit, less two halo rows.
    const int64_t wanted = std::max(kMinRows, kPackedBytes / ((columns + 2) * pixel_bytes)) - 2;
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
  int64_t rows;     // maximum of a region
  int64_t columns;  // maximum of a region
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
  // Dynamic scheduling: cores differ in speed, so each thread takes the next free region. Results
  // do not depend on which thread computes a region.
  std::atomic<int64_t> next{0};
  at::parallel_for(0, threads, 1, [&](int64_t /*begin*/, int64_t /*end*/) {
    const amx::AmxTileScope tiles;
    Bits* own = bits(memory) + at::get_thread_num() * memory.size(1);
    Scratch scratch{{own, chunk_values},
                    {own + input_values, chunk_values},
                    own + input_values + multiplied_values,
                    {}};
    BlockWriter writer(work.epilogue);
    for (int64_t i = next++; i < regions.count(); i = next++) {
      convolve_region(work, regions.at(i), scratch, writer);
    }
  });
}

/// A bit mask as words of 32 channels; null if undefined.
uint32_t* words(const at::Tensor& mask) {
  return mask.defined() ? reinterpret_cast<uint32_t*>(mask.data_ptr<uint8_t>()) : nullptr;
}

#endif

}  // namespace

bool AmxConvolution::is_usable(const at::Tensor& weight) {
  return amx::is_usable() && weight.size(0) % kBlockFeatures == 0 &&
         weight.size(1) % kTileDepth == 0;
}

AmxConvolution::AmxConvolution(const at::Tensor& weight, const at::Tensor& bias)
    : in_channels_(weight.size(1)),
      out_channels_(weight.size(0)),
      tiles_(pack_weights(weight)),
      bias_(bias.defined() ? bias.to(at::kFloat).contiguous() : bias) {}

#ifdef STYLETRANSFER_HAS_AMX_CODE

at::Tensor AmxConvolution::run(const RowSource& input, Rows rows, int64_t width,
                               const ConvolutionEpilogue& epilogue) const {
  at::Tensor output = epilogue.output;
  if (!output.defined()) output = at::empty({rows.count(), width, out_channels_}, at::kBFloat16);
  Work work{rows.first, rows.count(), width, in_channels_, out_channels_, &input, bits(tiles_), {}};
  work.output = bits(output);
  work.epilogue = {bias_values(), epilogue.relu, nullptr, words(epilogue.mask),
                   words(epilogue.marks)};
  if (epilogue.features.defined()) work.epilogue.features = bits(epilogue.features);
  at::Tensor factor_tiles;
  std::optional<StoredRows> multiplied;
  if (epilogue.factor.defined()) {
    factor_tiles = right_hand_tiles(epilogue.factor);
    work.factor_tiles = bits(factor_tiles);
    multiplied.emplace(epilogue.features, rows.first);
    work.multiplied = &*multiplied;
  }
  convolve(work);
  return output;
}

void AmxConvolution::run_pooled(const RowSource& input, Rows rows, int64_t width, PoolKind kind,
                                const at::Tensor& pooled, const at::Tensor& marks) const {
  if (pooled.numel() == 0) return;
  // An odd last row is not computed at all; an odd last column is left out by Regions.
  Work work{rows.first, rows.count() / 2 * 2, width, in_channels_, out_channels_,
            &input,     bits(tiles_),         {}};
  work.epilogue = {bias_values(), true, nullptr, nullptr, nullptr};
  const PooledOutput to{kind == PoolKind::kAverage, bits(pooled), words(marks)};
  work.pooled = &to;
  convolve(work);
}

const float* AmxConvolution::bias_values() const {
  return bias_.defined() ? bias_.data_ptr<float>() : nullptr;
}

#else

at::Tensor AmxConvolution::run(const RowSource& /*input*/, Rows /*rows*/, int64_t /*width*/,
                               const ConvolutionEpilogue& /*epilogue*/) const {
  return {};
}
void AmxConvolution::run_pooled(const RowSource& /*input*/, Rows /*rows*/, int64_t /*width*/,
                                PoolKind /*kind*/, const at::Tensor& /*pooled*/,
                                const at::Tensor& /*marks*/) const {}
const float* AmxConvolution::bias_values() const { return nullptr; }

#endif

}  // namespace styletransfer::detail
