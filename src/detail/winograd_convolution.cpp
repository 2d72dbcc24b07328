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

/// How the tiles of a picture are gone through: each thread has some of its own at a time, or all
/// threads work on the same.
class Division {
 public:
  Division(int64_t tiles, int64_t from, int64_t to)
      : is_near_(from <= kMostNearChannels),
        from_(from),
        columns_(is_near_ ? kPanelColumns : to),
        tiles_at_once_(is_near_ ? kNearValues / from : kFarTiles),
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
  /// Values between the transforms, of one of these threads.
  [[nodiscard]] int64_t room() const {
    return before(tiles_at_once_).size() + after(tiles_at_once_).size();
  }
  [[nodiscard]] WinogradPlanes before(int64_t tiles) const { return {tiles, from_}; }
  [[nodiscard]] WinogradPlanes after(int64_t tiles) const { return {tiles, columns_}; }
  /// Whether what lies between the transforms stays in a near cache.
  [[nodiscard]] bool is_near() const { return is_near_; }

 private:
  // Few channels: what lies between the transforms, and of the products one panel at a time, stays
  // in half a megabyte, and with it in a thread's own cache.
  static constexpr int64_t kMostNearChannels = 128;
  static constexpr int64_t kNearValues = int64_t{28} * 64;
  // More: the weights come from afar, so all threads share what is read of them, and multiply it
  // with as many tiles as the caches hold. A multiple of the rows of a product's blocks.
  static constexpr int64_t kFarTiles = 98;

  bool is_near_;
  int64_t from_;
  int64_t columns_;
  int64_t tiles_at_once_;
  int64_t threads_;
};

/// A convolution to be carried out.
struct Work {
  const WinogradWeights& weights;
  WinogradKernel kernel;
  TileGrid grid;
  Division division;
  const float* input;  // [height, width, from]
  const float* zeros;  // [from]
  const float* bias;   // [to] or null
  bool relu;
  float* output;  // [height, width, to]

  void read_tiles(int64_t first, int64_t count, float* values) const {
    const WinogradPlanes planes = division.before(count);
    const auto pixels = [&](int64_t tile, const float** places) {
      grid.pixels(tile, kWinogradInput, 1, input, planes.channels, zeros, places);
    };
    at::parallel_for(0, count, kTilesOfAThread, [&](int64_t begin, int64_t end) {
      std::array<const float*, kWinogradProducts> now{};
      std::array<const float*, kWinogradProducts> next{};
      pixels(first + begin, now.data());
      for (int64_t i = begin; i < end; ++i) {
        pixels(first + i + 1, next.data());
        cpu::winograd_input(now.data(), next.data(), planes, kernel, values + i * kWinogradLanes);
        std::swap(now, next);
      }
    });
  }

  /// Products with output channels `column` .. of the division.
  void multiply(int64_t count, int64_t column, const float* values, float* products) const {
    const WinogradPlanes before = division.before(count);
    const WinogradPlanes after = division.after(count);
    const int64_t panels = after.channels / kPanelColumns;
    const int64_t first_panel = column / kPanelColumns;
    at::parallel_for(0, kWinogradProducts * panels, 1, [&](int64_t begin, int64_t end) {
      const at::Tensor room = at::empty({weights.room(kernel)}, at::kFloat);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t plane = i / panels;
        const int64_t panel = i % panels;
        cpu::NextPanel next;
        if (!division.is_near() && i + 1 < end) {
          next = weights.source(kernel, (i + 1) / panels, first_panel + (i + 1) % panels);
        }
        cpu::multiply_panel(
            values + plane * before.plane(), count, before.channels,
            weights.panel(kernel, plane, first_panel + panel, room.data_ptr<float>()),
            products + plane * after.plane() + panel * count * kPanelColumns, next);
      }
    });
  }

  void write_tiles(int64_t first, int64_t count, int64_t column, const float* products) const {
    const WinogradPlanes planes = division.after(count);
    const int64_t channels = weights.to(kernel);
    const auto pixels = [&](int64_t tile, float** places) {
      grid.pixels<float>(tile, kWinogradOutput, 0, output + column, channels, nullptr, places);
    };
    at::parallel_for(0, count, kTilesOfAThread, [&](int64_t begin, int64_t end) {
      std::array<float*, kWinogradPixels> now{};
      std::array<float*, kWinogradPixels> next{};
      pixels(first + begin, now.data());
      for (int64_t i = begin; i < end; ++i) {
        pixels(first + i + 1, next.data());
        cpu::winograd_output(products + i * kWinogradLanes, planes, kernel,
                             bias == nullptr ? nullptr : bias + column, relu, now.data(),
                             next.data());
        std::swap(now, next);
      }
    });
  }

  void run(int64_t first, int64_t count, float* room) const {
    float* products = room + division.before(count).size();
    read_tiles(first, count, room);
    for (int64_t column = 0; column < weights.to(kernel); column += division.columns()) {
      multiply(count, column, room, products);
      write_tiles(first, count, column, products);
    }
  }

  void run() const {
    const int64_t tiles = grid.tiles();
    const int64_t at_once = division.tiles_at_once();
    const at::Tensor rooms = at::empty({division.threads(), division.room()}, at::kFloat);
    const auto run_some = [&](int64_t begin, int64_t end) {
      float* room = rooms.data_ptr<float>();
      // Loops inside a thread's share are its own.
      if (division.threads() > 1) room += at::get_thread_num() * division.room();
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
at::Tensor convolve(const at::Tensor& input, int64_t first_row, const WinogradWeights& weights,
                    WinogradKernel kernel, const at::Tensor& bias, bool relu) {
  const int64_t from = weights.from(kernel);
  const int64_t to = weights.to(kernel);
  const TileGrid grid(first_row, input.size(0), input.size(1));
  const Division division(grid.tiles(), from, to);
  const std::vector<float> zeros(static_cast<size_t>(from));
  at::Tensor output = at::empty({grid.height, grid.width, to}, input.options());
  Work{weights,
       kernel,
       grid,
       division,
       input.const_data_ptr<float>(),
       zeros.data(),
       bias.defined() ? bias.const_data_ptr<float>() : nullptr,
       relu,
       output.data_ptr<float>()}
      .run();
  return output;
}

int64_t room_bytes(int64_t from, int64_t to) {
  // Of more tiles than any picture's.
  const Division division(int64_t{1} << 40, from, to);
  return division.threads() * division.room() * static_cast<int64_t>(sizeof(float));
}

}  // namespace

bool WinogradConvolution::is_usable(const at::Tensor& weight) {
  const auto fits = [](int64_t channels) {
    return channels >= kLeastChannels && channels % kPanelColumns == 0;
  };
  return weight.is_cpu() && weight.scalar_type() == at::kFloat && fits(weight.size(0)) &&
         fits(weight.size(1));
}

WinogradConvolution::WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias)
    : weights_(weight), bias_(bias.contiguous()) {}

int64_t WinogradConvolution::scratch_bytes() const {
  const int64_t in = weights_.from(WinogradKernel::kStraight);
  const int64_t out = weights_.to(WinogradKernel::kStraight);
  return std::max(room_bytes(in, out), room_bytes(out, in));
}

at::Tensor WinogradConvolution::forward(const at::Tensor& input, bool relu,
                                        int64_t first_row) const {
  return as_batch(convolve(as_features(input).contiguous(), first_row, weights_,
                           WinogradKernel::kStraight, bias_, relu));
}

at::Tensor WinogradConvolution::backward_input(const at::Tensor& gradient,
                                               int64_t first_row) const {
  // A convolution with every kernel turned over and the channels exchanged.
  return as_batch(convolve(as_features(gradient).contiguous(), first_row, weights_,
                           WinogradKernel::kTurned, {}, false));
}

}  // namespace styletransfer::detail
