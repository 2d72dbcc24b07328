#include "kernels/winograd/winograd_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernels/feature_layout.h"
#include "kernels/winograd/packed_gemm.h"
#include "kernels/winograd/winograd_transforms.h"

namespace styletransfer::detail {
namespace {

using cpu::kPanelColumns;
using cpu::kWinogradInput;
using cpu::kWinogradLanes;
using cpu::kWinogradOutput;
using cpu::kWinogradPixels;
using cpu::kWinogradProducts;
using cpu::WinogradKernel;
using cpu::WinogradPlanes;

// The transforms write what the products read, and vice versa.
static_assert(kWinogradLanes == cpu::kSliceColumns);

// With fewer channels the transforms cost more than the saved multiplications.
constexpr int64_t kMinChannels = 64;

/// The 4x4 output tiles that cover the image rows first_row .. first_row + rows - 1. Tiles are
/// aligned to multiples of 4 in the whole image, so the first and last tiles may be partial.
struct TileGrid {
  TileGrid(int64_t first_row, int64_t rows, int64_t columns)
      : height(rows),
        width(columns),
        above(first_row % kWinogradOutput),
        across((columns + kWinogradOutput - 1) / kWinogradOutput),
        down((above + rows + kWinogradOutput - 1) / kWinogradOutput) {}

  int64_t height;
  int64_t width;
  int64_t above;   // rows of the first tiles that are above `first_row`
  int64_t across;  // tiles per row
  int64_t down;    // rows of tiles

  [[nodiscard]] int64_t tiles() const { return across * down; }

  /// Fills `places` with pointers to size x size pixels in [height, width, channels], starting
  /// `before` pixels above and to the left of the tile; `outside` for pixels beyond the image.
  /// With pointers, the transforms need neither border cases nor a padded copy of the image.
  template <typename Value>
  void pixels(int64_t tile, int64_t size, int64_t before, Value* image, int64_t channels,
              Value* outside, Value** places) const {
    const int64_t top = tile / across * kWinogradOutput - above - before;
    const int64_t left = tile % across * kWinogradOutput - before;
    for (int64_t y = top; y < top + size; ++y) {
      for (int64_t x = left; x < left + size; ++x) {
        const bool is_inside = y >= 0 && y < height && x >= 0 && x < width;
        *places++ = is_inside ? image + (y * width + x) * channels : outside;
      }
    }
  }
};

/// Policy of Work: input transform and matrix products in float32.
struct Float32Products {
  using Value = float;
  static constexpr int64_t kDepthOfValue = 1;

  const WinogradWeights& weights;
  WinogradKernel kernel;

  [[nodiscard]] int64_t from() const { return weights.from(kernel); }
  [[nodiscard]] int64_t to() const { return weights.to(kernel); }

  [[nodiscard]] static int64_t input_scratch() { return 0; }
  void read(const float* const* pixels, const float* const* next, WinogradPlanes planes,
            float* /*scratch*/, Value* to, float* /*scale*/) const {
    cpu::winograd_input(pixels, next, planes, kernel, to);
  }

  [[nodiscard]] int64_t gemm_scratch() const { return weights.panel_scratch(kernel); }
  [[nodiscard]] cpu::NextPanel source(int64_t plane, int64_t panel) const {
    return weights.source(kernel, plane, panel);
  }
  void multiply(const Value* values, const float* /*scales*/, int64_t tiles, int64_t plane,
                int64_t panel, float* scratch, float* products, cpu::NextPanel next) const {
    cpu::gemm_panel(values, tiles, from(), weights.panel(kernel, plane, panel, scratch), products,
                    next);
  }
};

/// Policy of Work: input transform and matrix products in 16-bit integers.
struct Int16Products {
  using Value = cpu::Int16x2;
  static constexpr int64_t kDepthOfValue = cpu::kInt16x2Depth;

  const WinogradInt16Weights& weights;
  WinogradKernel kernel;

  [[nodiscard]] int64_t from() const { return weights.from(kernel); }
  [[nodiscard]] int64_t to() const { return weights.to(kernel); }

  [[nodiscard]] int64_t input_scratch() const { return cpu::winograd_pairs_scratch(from()); }
  void read(const float* const* pixels, const float* const* next, WinogradPlanes planes,
            float* scratch, Value* to, float* scale) const {
    cpu::winograd_input_pairs(pixels, next, planes, kernel, scratch, to, scale);
  }

  [[nodiscard]] static int64_t gemm_scratch() { return 0; }
  [[nodiscard]] cpu::NextPanel source(int64_t plane, int64_t panel) const {
    return {weights.panel(kernel, plane, panel)};
  }
  void multiply(const Value* values, const float* scales, int64_t tiles, int64_t plane,
                int64_t panel, float* /*scratch*/, float* products, cpu::NextPanel next) const {
    cpu::gemm_panel(values, scales, tiles, from(), weights.panel(kernel, plane, panel),
                    weights.scales(kernel, plane, panel), products, next);
  }
};

/// Partition of an image's tiles into batches, in one of two ways.
///
/// Few channels (fits_l2): each thread processes its own batches from input to output, and
/// everything between the transforms stays in its second-level cache. Many channels: the weights do
/// not fit the caches, so all threads work on the same batch and split the 36 matrix products; each
/// weight is read from memory once per batch.
class TilePartition {
 public:
  /// Convolution from `from` to `to` channels; a stored value holds `channels_of_value` input
  /// channels.
  TilePartition(int64_t tiles, int64_t from, int64_t channels_of_value, int64_t to)
      : fits_l2_(from <= kMaxL2Channels),
        from_(from / channels_of_value),
        columns_(fits_l2_ ? kPanelColumns : to),
        tiles_at_once_(fits_l2_ ? l2_tiles(from_) : kSharedTiles),
        threads_(fits_l2_ ? at::get_num_threads() : 1) {
    if (tiles < threads_ * tiles_at_once_ / 2) threads_ = 1;
    // Batches of nearly equal size, the same number for each thread.
    const int64_t turns = (tiles + threads_ * tiles_at_once_ - 1) / (threads_ * tiles_at_once_);
    tiles_at_once_ = (tiles + threads_ * turns - 1) / (threads_ * turns);
  }

  /// Tiles per batch.
  [[nodiscard]] int64_t tiles_at_once() const { return tiles_at_once_; }
  /// Output channels whose products are computed before they are transformed and written: 32 if
  /// fits_l2, otherwise all.
  [[nodiscard]] int64_t columns() const { return columns_; }
  /// Threads with batches of their own; 1: all threads work on the same batch.
  [[nodiscard]] int64_t threads() const { return threads_; }
  /// 32-bit values of scratch memory for one batch: transformed input, products, and scales.
  [[nodiscard]] int64_t scratch_values() const {
    return before(tiles_at_once_).size() + after(tiles_at_once_).size() + tiles_at_once_;
  }
  /// Layouts of the transformed input and of the products.
  [[nodiscard]] WinogradPlanes before(int64_t tiles) const { return {tiles, from_}; }
  [[nodiscard]] WinogradPlanes after(int64_t tiles) const { return {tiles, columns_}; }
  /// True if the data between the transforms stays in a thread's second-level cache.
  [[nodiscard]] bool fits_l2() const { return fits_l2_; }

 private:
  // Up to this many channels, the transformed input and one panel of products take less than half a
  // megabyte: kL2PlaneValues values per plane, in 36 planes, are 387 KB.
  static constexpr int64_t kMaxL2Channels = 128;
  static constexpr int64_t kL2PlaneValues = int64_t{28} * (64 + kPanelColumns);
  // Batch size for more channels: as many tiles as the shared caches hold (7 MB of transformed
  // input for 512 channels in float32), and seven blocks of 14 rows, as packed_gemm.cpp's prefetch
  // assumes.
  static constexpr int64_t kSharedTiles = 98;
  // Rows of a register block (packed_gemm.cpp, AVX-512); batches are multiples of it.
  static constexpr int64_t kBlockTiles = 14;
  static constexpr int64_t l2_tiles(int64_t values) {
    return std::max(int64_t{1}, kL2PlaneValues / (values + kPanelColumns) / kBlockTiles) *
           kBlockTiles;
  }

  bool fits_l2_;
  int64_t from_;
  int64_t columns_;
  int64_t tiles_at_once_;
  int64_t threads_;
};

/// One convolution: operands, and the three steps for a batch of tiles.
template <typename Products>
struct Work {
  using Value = typename Products::Value;

  Products factors;
  TileGrid grid;
  TilePartition partition;
  const float* input;  // [height, width, from]
  const float* zeros;  // [from], stands in for pixels outside the image (zero padding)
  const float* bias;   // [to] or null
  bool relu;
  float* output;  // [height, width, to]

  /// Scratch memory of a batch: planes of transformed input and of products, one scale per tile.
  struct Scratch {
    Value* values;
    float* products;
    float* scales;
  };

  /// Input transform of `count` tiles from `first` on.
  void read_tiles(int64_t first, int64_t count, const Scratch& scratch) const {
    const WinogradPlanes planes = partition.before(count);
    const auto pixels = [&](int64_t tile, const float** places) {
      grid.pixels(tile, kWinogradInput, 1, input, factors.from(), zeros, places);
    };
    at::parallel_for(0, count, kMinThreadTiles, [&](int64_t begin, int64_t end) {
      const at::Tensor reading = at::empty({factors.input_scratch()}, at::kFloat);
      std::array<const float*, kWinogradProducts> now{};
      std::array<const float*, kWinogradProducts> next{};
      pixels(first + begin, now.data());
      for (int64_t i = begin; i < end; ++i) {
        pixels(first + i + 1, next.data());
        factors.read(now.data(), next.data(), planes, reading.data_ptr<float>(),
                     scratch.values + i * kWinogradLanes, scratch.scales + i);
        std::swap(now, next);
      }
    });
  }

  /// The 36 matrix products of the batch with the weights of partition.columns() output channels
  /// from `column` on. Tasks are pairs (plane, panel of 32 channels).
  void multiply(int64_t count, int64_t column, const Scratch& scratch) const {
    const WinogradPlanes before = partition.before(count);
    const WinogradPlanes after = partition.after(count);
    const int64_t panels = after.columns / kPanelColumns;
    const int64_t first_panel = column / kPanelColumns;
    at::parallel_for(0, kWinogradProducts * panels, 1, [&](int64_t begin, int64_t end) {
      const at::Tensor multiplying = at::empty({factors.gemm_scratch()}, at::kFloat);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t plane = i / panels;
        const int64_t panel = i % panels;
        // Weights of the task after this one, to be prefetched if they come from memory.
        cpu::NextPanel next;
        if (!partition.fits_l2() && i + 1 < end) {
          next = factors.source((i + 1) / panels, first_panel + (i + 1) % panels);
        }
        factors.multiply(scratch.values + plane * before.plane(), scratch.scales, count, plane,
                         first_panel + panel, multiplying.data_ptr<float>(),
                         scratch.products + plane * after.plane() + panel * count * kPanelColumns,
                         next);
      }
    });
  }

  /// Output transform of `count` tiles; writes channels from `column` on.
  void write_tiles(int64_t first, int64_t count, int64_t column, const float* products) const {
    const WinogradPlanes planes = partition.after(count);
    const auto pixels = [&](int64_t tile, float** places) {
      grid.pixels<float>(tile, kWinogradOutput, 0, output + column, factors.to(), nullptr, places);
    };
    at::parallel_for(0, count, kMinThreadTiles, [&](int64_t begin, int64_t end) {
      std::array<float*, kWinogradPixels> now{};
      std::array<float*, kWinogradPixels> next{};
      pixels(first + begin, now.data());
      for (int64_t i = begin; i < end; ++i) {
        pixels(first + i + 1, next.data());
        cpu::winograd_output(products + i * kWinogradLanes, planes, factors.kernel,
                             bias == nullptr ? nullptr : bias + column, relu, now.data(),
                             next.data());
        std::swap(now, next);
      }
    });
  }

  /// One batch. Inside a thread's own batch the nested parallel loops run serially.
  void run(int64_t first, int64_t count, const Scratch& scratch) const {
    read_tiles(first, count, scratch);
    for (int64_t column = 0; column < factors.to(); column += partition.columns()) {
      multiply(count, column, scratch);
      write_tiles(first, count, column, scratch.products);
    }
  }

  /// The whole image.
  void run() const {
    const int64_t tiles = grid.tiles();
    const int64_t at_once = partition.tiles_at_once();
    const auto per_thread = [&](int64_t values, at::ScalarType type) {
      return at::empty({partition.threads(), values}, type);
    };
    const at::Tensor values =
        per_thread(partition.before(at_once).size(), c10::CppTypeToScalarType<Value>::value);
    const at::Tensor products = per_thread(partition.after(at_once).size(), at::kFloat);
    const at::Tensor scales = per_thread(at_once, at::kFloat);
    const auto run_some = [&](int64_t begin, int64_t end) {
      // Each thread with batches of its own uses its own row of the scratch tensors.
      const int64_t thread = partition.threads() > 1 ? at::get_thread_num() : 0;
      const Scratch scratch{values[thread].template data_ptr<Value>(),
                            products[thread].template data_ptr<float>(),
                            scales[thread].template data_ptr<float>()};
      for (int64_t i = begin; i < end; ++i) {
        run(i * at_once, std::min(at_once, tiles - i * at_once), scratch);
      }
    };
    const int64_t rounds = (tiles + at_once - 1) / at_once;
    if (partition.threads() > 1) {
      at::parallel_for(0, rounds, 1, run_some);
    } else {
      run_some(0, rounds);
    }
  }

 private:
  // Minimum tiles per thread: fewer do not pay for waking it.
  static constexpr int64_t kMinThreadTiles = 4;
};

/// In: input [h, w, from], contiguous; bias [to] or undefined. Out: [h, w, to].
template <typename Products>
at::Tensor convolve(const at::Tensor& input, int64_t first_row, const Products& factors,
                    const at::Tensor& bias, bool relu) {
  const TileGrid grid(first_row, input.size(0), input.size(1));
  const TilePartition partition(grid.tiles(), factors.from(), Products::kDepthOfValue,
                                factors.to());
  const std::vector<float> zeros(static_cast<size_t>(factors.from()));
  at::Tensor output = at::empty({grid.height, grid.width, factors.to()}, input.options());
  Work<Products>{factors,      grid,
                 partition,    input.const_data_ptr<float>(),
                 zeros.data(), bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                 relu,         output.data_ptr<float>()}
      .run();
  return output;
}

/// Scratch memory of a convolution of an image large enough for full batches on all threads.
template <typename Products>
int64_t partition_bytes(const Products& factors) {
  // More tiles than any image has.
  const TilePartition partition(int64_t{1} << 40, factors.from(), Products::kDepthOfValue,
                                factors.to());
  return (partition.threads() * partition.scratch_values() +
          at::get_num_threads() * factors.input_scratch()) *
         static_cast<int64_t>(sizeof(float));
}

Float32Products products_with(const WinogradWeights& weights, WinogradKernel kernel) {
  return {weights, kernel};
}

Int16Products products_with(const WinogradInt16Weights& weights, WinogradKernel kernel) {
  return {weights, kernel};
}

}  // namespace

bool WinogradConvolution::is_usable(const at::Tensor& weight) {
  const auto fits = [](int64_t channels) {
    return channels >= kMinChannels && channels % kPanelColumns == 0;
  };
  return weight.is_cpu() && weight.scalar_type() == at::kFloat && fits(weight.size(0)) &&
         fits(weight.size(1));
}

WinogradConvolution::WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias,
                                         Numbers numbers)
    : weights_(numbers == Numbers::kInt16
                   ? decltype(weights_)(std::in_place_type<WinogradInt16Weights>, weight)
                   : decltype(weights_)(std::in_place_type<WinogradWeights>, weight)),
      bias_(bias.contiguous()) {}

int64_t WinogradConvolution::scratch_bytes() const {
  return std::visit(
      [](const auto& weights) {
        return std::max(partition_bytes(products_with(weights, WinogradKernel::kForward)),
                        partition_bytes(products_with(weights, WinogradKernel::kBackwardData)));
      },
      weights_);
}

at::Tensor WinogradConvolution::forward(const at::Tensor& input, bool relu,
                                        int64_t first_row) const {
  return std::visit(
      [&](const auto& weights) {
        return as_batch(convolve(as_features(input).contiguous(), first_row,
                                 products_with(weights, WinogradKernel::kForward), bias_, relu));
      },
      weights_);
}

at::Tensor WinogradConvolution::backward_input(const at::Tensor& gradient,
                                               int64_t first_row) const {
  // The gradient of a convolution is a convolution with rotated kernels and exchanged channels.
  return std::visit(
      [&](const auto& weights) {
        return as_batch(convolve(as_features(gradient).contiguous(), first_row,
                                 products_with(weights, WinogradKernel::kBackwardData), {}, false));
      },
      weights_);
}

}  // namespace styletransfer::detail
