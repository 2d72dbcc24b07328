#include "detail/winograd_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "detail/feature_layout.h"
#include "detail/panel_product.h"
#include "detail/winograd_transforms.h"

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

// What the transforms write is what the products read, and the other way round.
static_assert(kWinogradLanes == cpu::kSliceColumns);

// Fewer channels are not worth the transforms.
constexpr int64_t kLeastChannels = 64;

/// The tiles of a picture that have some of its rows `first_row` .. `first_row` + `height` - 1.
struct TileGrid {
  TileGrid(int64_t first_row, int64_t rows, int64_t columns)
      : height(rows),
        width(columns),
        above(first_row % kWinogradOutput),
        across((columns + kWinogradOutput - 1) / kWinogradOutput),
        down((above + rows + kWinogradOutput - 1) / kWinogradOutput) {}

  int64_t height;
  int64_t width;
  int64_t above;  // rows of the first tiles that are not among these
  int64_t across;
  int64_t down;

  [[nodiscard]] int64_t tiles() const { return across * down; }

  /// The places of a tile's pixels, `size` by `size` from `before` pixels above and left of it on,
  /// in [height, width, channels]; `outside` for those the picture does not have.
  template <typename Value>
  void pixels(int64_t tile, int64_t size, int64_t before, Value* picture, int64_t channels,
              Value* outside, Value** places) const {
    const int64_t top = tile / across * kWinogradOutput - above - before;
    const int64_t left = tile % across * kWinogradOutput - before;
    for (int64_t y = top; y < top + size; ++y) {
      for (int64_t x = left; x < left + size; ++x) {
        const bool is_inside = y >= 0 && y < height && x >= 0 && x < width;
        *places++ = is_inside ? picture + (y * width + x) * channels : outside;
      }
    }
  }
};

/// How tiles are read and multiplied in float32.
struct FloatProducts {
  using Value = float;
  static constexpr int64_t kDepthOfValue = 1;

  const WinogradWeights& weights;
  WinogradKernel kernel;

  [[nodiscard]] int64_t from() const { return weights.from(kernel); }
  [[nodiscard]] int64_t to() const { return weights.to(kernel); }

  [[nodiscard]] static int64_t reading_room() { return 0; }
  void read(const float* const* pixels, const float* const* next, WinogradPlanes planes,
            float* /*room*/, Value* to, float* /*scale*/) const {
    cpu::winograd_input(pixels, next, planes, kernel, to);
  }

  [[nodiscard]] int64_t multiplying_room() const { return weights.room(kernel); }
  [[nodiscard]] cpu::NextPanel source(int64_t plane, int64_t panel) const {
    return weights.source(kernel, plane, panel);
  }
  void multiply(const Value* values, const float* /*scales*/, int64_t tiles, int64_t plane,
                int64_t panel, float* room, float* products, cpu::NextPanel next) const {
    cpu::multiply_panel(values, tiles, from(), weights.panel(kernel, plane, panel, room), products,
                        next);
  }
};

/// How tiles are read and multiplied in 16-bit integers.
struct IntegerProducts {
  using Value = cpu::Pair;
  static constexpr int64_t kDepthOfValue = cpu::kPairDepth;

  const WinogradIntegerWeights& weights;
  WinogradKernel kernel;

  [[nodiscard]] int64_t from() const { return weights.from(kernel); }
  [[nodiscard]] int64_t to() const { return weights.to(kernel); }

  [[nodiscard]] int64_t reading_room() const { return cpu::winograd_pairs_room(from()); }
  void read(const float* const* pixels, const float* const* next, WinogradPlanes planes,
            float* room, Value* to, float* scale) const {
    cpu::winograd_input_pairs(pixels, next, planes, kernel, room, to, scale);
  }

  [[nodiscard]] static int64_t multiplying_room() { return 0; }
  [[nodiscard]] cpu::NextPanel source(int64_t plane, int64_t panel) const {
    return {weights.panel(kernel, plane, panel)};
  }
  void multiply(const Value* values, const float* scales, int64_t tiles, int64_t plane,
                int64_t panel, float* /*room*/, float* products, cpu::NextPanel next) const {
    cpu::multiply_panel(values, scales, tiles, from(), weights.panel(kernel, plane, panel),
                        weights.scales(kernel, plane, panel), products, next);
  }
};

/// How the tiles of a picture are gone through: each thread has some of its own at a time, or all
/// threads work on the same.
class Division {
 public:
  /// From `from` channels, so many of which are a value, to `to`.
  Division(int64_t tiles, int64_t from, int64_t channels_of_value, int64_t to)
      : is_near_(from <= kMostNearChannels),
        from_(from / channels_of_value),
        columns_(is_near_ ? kPanelColumns : to),
        tiles_at_once_(is_near_ ? near_tiles(from_) : kFarTiles),
        threads_(is_near_ ? at::get_num_threads() : 1) {
    if (tiles < threads_ * tiles_at_once_ / 2) threads_ = 1;
    // As even as can be, and as many for each thread.
    const int64_t turns = (tiles + threads_ * tiles_at_once_ - 1) / (threads_ * tiles_at_once_);
    tiles_at_once_ = (tiles + threads_ * turns - 1) / (threads_ * turns);
  }

  [[nodiscard]] int64_t tiles_at_once() const { return tiles_at_once_; }
  /// Output channels between one transform and the next.
  [[nodiscard]] int64_t columns() const { return columns_; }
  /// Threads that have tiles of their own; 1: all work on the same.
  [[nodiscard]] int64_t threads() const { return threads_; }
  /// Values between the transforms, of one of these threads: before and after the products, and the
  /// tiles' scales.
  [[nodiscard]] int64_t room() const {
    return before(tiles_at_once_).size() + after(tiles_at_once_).size() + tiles_at_once_;
  }
  [[nodiscard]] WinogradPlanes before(int64_t tiles) const { return {tiles, from_}; }
  [[nodiscard]] WinogradPlanes after(int64_t tiles) const { return {tiles, columns_}; }
  /// Whether what lies between the transforms stays in a near cache.
  [[nodiscard]] bool is_near() const { return is_near_; }

 private:
  // Few channels: what lies between the transforms, and of the products one panel at a time, stays
  // in half a megabyte, and with it in a thread's own cache.
  static constexpr int64_t kMostNearChannels = 128;
  static constexpr int64_t kNearValues = int64_t{28} * (64 + kPanelColumns);
  // More: the weights come from afar, so all threads share what is read of them, and multiply it
  // with as many tiles as the caches hold.
  static constexpr int64_t kFarTiles = 98;
  // Rows of a product's blocks, of which the tiles are a multiple.
  static constexpr int64_t kBlockTiles = 14;
  static constexpr int64_t near_tiles(int64_t values) {
    return std::max(int64_t{1}, kNearValues / (values + kPanelColumns) / kBlockTiles) * kBlockTiles;
  }

  bool is_near_;
  int64_t from_;
  int64_t columns_;
  int64_t tiles_at_once_;
  int64_t threads_;
};

/// A convolution to be carried out.
template <typename Products>
struct Work {
  using Value = typename Products::Value;

  Products factors;
  TileGrid grid;
  Division division;
  const float* input;  // [height, width, from]
  const float* zeros;  // [from]
  const float* bias;   // [to] or null
  bool relu;
  float* output;  // [height, width, to]

  /// Some tiles between the transforms.
  struct Room {
    Value* values;
    float* products;
    float* scales;
  };

  void read_tiles(int64_t first, int64_t count, const Room& room) const {
    const WinogradPlanes planes = division.before(count);
    const auto pixels = [&](int64_t tile, const float** places) {
      grid.pixels(tile, kWinogradInput, 1, input, factors.from(), zeros, places);
    };
    at::parallel_for(0, count, kTilesOfAThread, [&](int64_t begin, int64_t end) {
      const at::Tensor reading = at::empty({factors.reading_room()}, at::kFloat);
      std::array<const float*, kWinogradProducts> now{};
      std::array<const float*, kWinogradProducts> next{};
      pixels(first + begin, now.data());
      for (int64_t i = begin; i < end; ++i) {
        pixels(first + i + 1, next.data());
        factors.read(now.data(), next.data(), planes, reading.data_ptr<float>(),
                     room.values + i * kWinogradLanes, room.scales + i);
        std::swap(now, next);
      }
    });
  }

  /// Products with output channels `column` .. of the division.
  void multiply(int64_t count, int64_t column, const Room& room) const {
    const WinogradPlanes before = division.before(count);
    const WinogradPlanes after = division.after(count);
    const int64_t panels = after.columns / kPanelColumns;
    const int64_t first_panel = column / kPanelColumns;
    at::parallel_for(0, kWinogradProducts * panels, 1, [&](int64_t begin, int64_t end) {
      const at::Tensor multiplying = at::empty({factors.multiplying_room()}, at::kFloat);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t plane = i / panels;
        const int64_t panel = i % panels;
        cpu::NextPanel next;
        if (!division.is_near() && i + 1 < end) {
          next = factors.source((i + 1) / panels, first_panel + (i + 1) % panels);
        }
        factors.multiply(room.values + plane * before.plane(), room.scales, count, plane,
                         first_panel + panel, multiplying.data_ptr<float>(),
                         room.products + plane * after.plane() + panel * count * kPanelColumns,
                         next);
      }
    });
  }

  void write_tiles(int64_t first, int64_t count, int64_t column, const float* products) const {
    const WinogradPlanes planes = division.after(count);
    const auto pixels = [&](int64_t tile, float** places) {
      grid.pixels<float>(tile, kWinogradOutput, 0, output + column, factors.to(), nullptr, places);
    };
    at::parallel_for(0, count, kTilesOfAThread, [&](int64_t begin, int64_t end) {
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

  void run(int64_t first, int64_t count, const Room& room) const {
    read_tiles(first, count, room);
    for (int64_t column = 0; column < factors.to(); column += division.columns()) {
      multiply(count, column, room);
      write_tiles(first, count, column, room.products);
    }
  }

  void run() const {
    const int64_t tiles = grid.tiles();
    const int64_t at_once = division.tiles_at_once();
    const auto per_thread = [&](int64_t values, at::ScalarType type) {
      return at::empty({division.threads(), values}, type);
    };
    const at::Tensor values =
        per_thread(division.before(at_once).size(), c10::CppTypeToScalarType<Value>::value);
    const at::Tensor products = per_thread(division.after(at_once).size(), at::kFloat);
    const at::Tensor scales = per_thread(at_once, at::kFloat);
    const auto run_some = [&](int64_t begin, int64_t end) {
      // Loops inside a thread's share are its own.
      const int64_t thread = division.threads() > 1 ? at::get_thread_num() : 0;
      const Room room{values[thread].template data_ptr<Value>(),
                      products[thread].template data_ptr<float>(),
                      scales[thread].template data_ptr<float>()};
      for (int64_t i = begin; i < end; ++i) {
        run(i * at_once, std::min(at_once, tiles - i * at_once), room);
      }
    };
    const int64_t rounds = (tiles + at_once - 1) / at_once;
    if (division.threads() > 1) {
      at::parallel_for(0, rounds, 1, run_some);
    } else {
      run_some(0, rounds);
    }
  }

 private:
  // Fewer are not worth waking a thread.
  static constexpr int64_t kTilesOfAThread = 4;
};

/// In: input [h, w, from], contiguous; bias [to] or undefined.
template <typename Products>
at::Tensor convolve(const at::Tensor& input, int64_t first_row, const Products& factors,
                    const at::Tensor& bias, bool relu) {
  const TileGrid grid(first_row, input.size(0), input.size(1));
  const Division division(grid.tiles(), factors.from(), Products::kDepthOfValue, factors.to());
  const std::vector<float> zeros(static_cast<size_t>(factors.from()));
  at::Tensor output = at::empty({grid.height, grid.width, factors.to()}, input.options());
  Work<Products>{factors,      grid,
                 division,     input.const_data_ptr<float>(),
                 zeros.data(), bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                 relu,         output.data_ptr<float>()}
      .run();
  return output;
}

template <typename Products>
int64_t room_bytes(const Products& factors) {
  // Of more tiles than any picture's.
  const Division division(int64_t{1} << 40, factors.from(), Products::kDepthOfValue, factors.to());
  return (division.threads() * division.room() + at::get_num_threads() * factors.reading_room()) *
         static_cast<int64_t>(sizeof(float));
}

FloatProducts products_with(const WinogradWeights& weights, WinogradKernel kernel) {
  return {weights, kernel};
}

IntegerProducts products_with(const WinogradIntegerWeights& weights, WinogradKernel kernel) {
  return {weights, kernel};
}

}  // namespace

bool WinogradConvolution::is_usable(const at::Tensor& weight) {
  const auto fits = [](int64_t channels) {
    return channels >= kLeastChannels && channels % kPanelColumns == 0;
  };
  return weight.is_cpu() && weight.scalar_type() == at::kFloat && fits(weight.size(0)) &&
         fits(weight.size(1));
}

WinogradConvolution::WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias,
                                         Numbers numbers)
    : weights_(numbers == Numbers::kInt16
                   ? decltype(weights_)(std::in_place_type<WinogradIntegerWeights>, weight)
                   : decltype(weights_)(std::in_place_type<WinogradWeights>, weight)),
      bias_(bias.contiguous()) {}

int64_t WinogradConvolution::scratch_bytes() const {
  return std::visit(
      [](const auto& weights) {
        return std::max(room_bytes(products_with(weights, WinogradKernel::kStraight)),
                        room_bytes(products_with(weights, WinogradKernel::kTurned)));
      },
      weights_);
}

at::Tensor WinogradConvolution::forward(const at::Tensor& input, bool relu,
                                        int64_t first_row) const {
  return std::visit(
      [&](const auto& weights) {
        return as_batch(convolve(as_features(input).contiguous(), first_row,
                                 products_with(weights, WinogradKernel::kStraight), bias_, relu));
      },
      weights_);
}

at::Tensor WinogradConvolution::backward_input(const at::Tensor& gradient,
                                               int64_t first_row) const {
  // A convolution with every kernel turned over and the channels exchanged.
  return std::visit(
      [&](const auto& weights) {
        return as_batch(convolve(as_features(gradient).contiguous(), first_row,
                                 products_with(weights, WinogradKernel::kTurned), {}, false));
      },
      weights_);
}

}  // namespace styletransfer::detail
