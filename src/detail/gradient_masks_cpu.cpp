#include "detail/gradient_masks_cpu.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace styletransfer::detail::cpu {
namespace {

// Channels at a time: their flags, a byte each, make one vector register.
constexpr std::int64_t kLanes = 64;
using Flags = std::uint8_t[kLanes];

STYLETRANSFER_INLINE std::int64_t bytes_of(std::int64_t channels) { return (channels + 7) / 8; }

/// Eight bytes of 0 or 1 to eight bits: a product moves each to its place in the top byte.
STYLETRANSFER_INLINE void pack(const Flags& flags, std::int64_t bytes, std::uint8_t* mask) {
  for (std::int64_t i = 0; i < bytes; ++i) {
    std::uint64_t eight;
    std::memcpy(&eight, flags + 8 * i, sizeof(eight));
    mask[i] = static_cast<std::uint8_t>((eight * 0x0102040810204080U) >> 56U);
  }
}

/// The other way round: each byte keeps the bit of its number, and any bit becomes a 1.
STYLETRANSFER_INLINE void unpack(const std::uint8_t* mask, std::int64_t bytes, Flags& flags) {
  for (std::int64_t i = 0; i < bytes; ++i) {
    const std::uint64_t own = (mask[i] * 0x0101010101010101U) & 0x8040201008040201U;
    const std::uint64_t eight = ((own + 0x7F7F7F7F7F7F7F7FU) >> 7U) & 0x0101010101010101U;
    std::memcpy(flags + 8 * i, &eight, sizeof(eight));
  }
}

template <typename T>
STYLETRANSFER_INLINE void mark_positive_body(const T* __restrict features, std::int64_t positions,
                                             std::int64_t channels, std::uint8_t* mask) {
  for (std::int64_t position = 0; position < positions; ++position) {
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t lanes = std::min(kLanes, channels - c);
      Flags flags{};
      for (std::int64_t i = 0; i < lanes; ++i) flags[i] = positive(features[c + i]) ? 1 : 0;
      pack(flags, bytes_of(lanes), mask + c / 8);
    }
    features += channels;
    mask += bytes_of(channels);
  }
}

template <typename T>
STYLETRANSFER_INLINE void pass_body(T* __restrict gradient, std::int64_t positions,
                                    std::int64_t channels, const std::uint8_t* mask) {
  for (std::int64_t position = 0; position < positions; ++position) {
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t lanes = std::min(kLanes, channels - c);
      Flags flags;
      unpack(mask + c / 8, bytes_of(lanes), flags);
      for (std::int64_t i = 0; i < lanes; ++i) {
        gradient[c + i] = flags[i] != 0 ? gradient[c + i] : T{0};
      }
    }
    gradient += channels;
    mask += bytes_of(channels);
  }
}

/// The four values of each of some cells side by side: top left and right, bottom left and right.
template <typename T>
struct Cells {
  T values[4][kLanes];
};

template <typename T>
STYLETRANSFER_INLINE void load_cells(const T* __restrict top, const T* __restrict bottom,
                                     std::int64_t channels, std::int64_t lanes, Cells<T>& cells) {
  for (std::int64_t i = 0; i < lanes; ++i) cells.values[0][i] = top[i];
  for (std::int64_t i = 0; i < lanes; ++i) cells.values[1][i] = top[channels + i];
  for (std::int64_t i = 0; i < lanes; ++i) cells.values[2][i] = bottom[i];
  for (std::int64_t i = 0; i < lanes; ++i) cells.values[3][i] = bottom[channels + i];
}

/// Where a cell does not change across or down but for rounding, its values count as equal there,
/// as the exact sums would be: chance must not decide which way a gradient goes in an even area.
/// (With one near pair alone there is no even area, and the larger is the larger.)
STYLETRANSFER_INLINE void even_out(std::int64_t lanes, Cells<float>& cells) {
  constexpr float kRounding = 1e-4F;
  // All bits or none, to choose with: a float's comparison may trap, which keeps a loop from
  // becoming vector code.
  const auto differ = [](float a, float b) {
    const float excess = std::abs(a - b) - 0.5F * kRounding * (std::abs(a) + std::abs(b));
    return std::bit_cast<std::int32_t>(excess) > 0 ? -1 : 0;
  };
  const auto chosen = [](std::int32_t take_a, float a, float b) {
    return std::bit_cast<float>((std::bit_cast<std::int32_t>(a) & take_a) |
                                (std::bit_cast<std::int32_t>(b) & ~take_a));
  };
  for (std::int64_t i = 0; i < lanes; ++i) {
    const float a = cells.values[0][i];
    const float b = cells.values[1][i];
    const float c = cells.values[2][i];
    const float d = cells.values[3][i];
    const std::int32_t across = differ(a, b) | differ(c, d);
    const std::int32_t down = differ(a, c) | differ(b, d);
    cells.values[1][i] = chosen(across, b, a);
    cells.values[2][i] = chosen(down, c, a);
    cells.values[3][i] = chosen(down, chosen(across, d, c), chosen(across, b, a));
  }
}
/// Eight bits of fraction are equal or not.
STYLETRANSFER_INLINE void even_out(std::int64_t /*lanes*/, Cells<Bits>& /*cells*/) {}

/// Written without branches, to become vector code.
template <bool average, typename T>
STYLETRANSFER_INLINE void mark_lanes(bool through_relu, std::int64_t lanes, const Cells<T>& cells,
                                     Flags (&flags)[4]) {
  for (std::int64_t i = 0; i < lanes; ++i) {
    const T values[4] = {cells.values[0][i], cells.values[1][i], cells.values[2][i],
                         cells.values[3][i]};
    if (average) {
      for (int corner = 0; corner < 4; ++corner) {
        flags[corner][i] = !through_relu || positive(values[corner]) ? 1 : 0;
      }
    } else {
      const T most = larger(larger(values[0], values[1]), larger(values[2], values[3]));
      std::uint8_t left = !through_relu || positive(most) ? 1 : 0;
      for (int corner = 0; corner < 4; ++corner) {
        const std::uint8_t own = order(values[corner]) == order(most) ? left : std::uint8_t{0};
        flags[corner][i] = own;
        left = static_cast<std::uint8_t>(left - own);
      }
    }
  }
}

template <bool average, typename T>
STYLETRANSFER_INLINE void mark_cells_body(bool through_relu, RowShape shape, const T* in,
                                          std::uint8_t* mask) {
  const std::int64_t channels = shape.channels;
  const std::int64_t bytes = bytes_of(channels);
  for (std::int64_t x = 0; x < shape.out_width; ++x) {
    const T* top = in + 2 * x * channels;
    std::uint8_t* to = mask + 2 * x * bytes;
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t lanes = std::min(kLanes, channels - c);
      Cells<T> cells;
      load_cells(top + c, top + shape.in_width * channels + c, channels, lanes, cells);
      if (!average) even_out(lanes, cells);
      Flags flags[4]{};
      mark_lanes<average>(through_relu, lanes, cells, flags);
      pack(flags[0], bytes_of(lanes), to + c / 8);
      pack(flags[1], bytes_of(lanes), to + bytes + c / 8);
      pack(flags[2], bytes_of(lanes), to + shape.in_width * bytes + c / 8);
      pack(flags[3], bytes_of(lanes), to + (shape.in_width + 1) * bytes + c / 8);
    }
  }
}

template <bool average, typename T>
STYLETRANSFER_INLINE void unpool_row_body(RowShape shape, const T* __restrict pooled,
                                          const std::uint8_t* mask, T* __restrict gradient) {
  const std::int64_t channels = shape.channels;
  for (std::int64_t x = 0; x < 2 * shape.out_width; ++x) {
    const T* __restrict from = pooled + x / 2 * channels;
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t lanes = std::min(kLanes, channels - c);
      Flags flags;
      unpack(mask + c / 8, bytes_of(lanes), flags);
      for (std::int64_t i = 0; i < lanes; ++i) {
        T share = from[c + i];
        if (average) store(0.25F * to_float(from[c + i]), &share);
        gradient[c + i] = flags[i] != 0 ? share : T{0};
      }
    }
    gradient += channels;
    mask += bytes_of(channels);
  }
  std::fill_n(gradient, (shape.in_width - 2 * shape.out_width) * channels, T{0});
}

}  // namespace

STYLETRANSFER_CPU_CLONES void mark_positive(const float* features, std::int64_t positions,
                                            std::int64_t channels, std::uint8_t* mask) {
  mark_positive_body(features, positions, channels, mask);
}
STYLETRANSFER_CPU_CLONES void mark_positive(const Bits* features, std::int64_t positions,
                                            std::int64_t channels, std::uint8_t* mask) {
  mark_positive_body(features, positions, channels, mask);
}

STYLETRANSFER_CPU_CLONES void pass(float* gradient, std::int64_t positions, std::int64_t channels,
                                   const std::uint8_t* mask) {
  pass_body(gradient, positions, channels, mask);
}
STYLETRANSFER_CPU_CLONES void pass(Bits* gradient, std::int64_t positions, std::int64_t channels,
                                   const std::uint8_t* mask) {
  pass_body(gradient, positions, channels, mask);
}

STYLETRANSFER_CPU_CLONES void mark_cells(PoolBackward mode, RowShape shape, const float* in,
                                         std::uint8_t* mask) {
  mode.average ? mark_cells_body<true>(mode.through_relu, shape, in, mask)
               : mark_cells_body<false>(mode.through_relu, shape, in, mask);
}
STYLETRANSFER_CPU_CLONES void mark_cells(PoolBackward mode, RowShape shape, const Bits* in,
                                         std::uint8_t* mask) {
  mode.average ? mark_cells_body<true>(mode.through_relu, shape, in, mask)
               : mark_cells_body<false>(mode.through_relu, shape, in, mask);
}

STYLETRANSFER_CPU_CLONES void unpool_row(bool average, RowShape shape, const float* pooled,
                                         const std::uint8_t* mask, float* gradient) {
  average ? unpool_row_body<true>(shape, pooled, mask, gradient)
          : unpool_row_body<false>(shape, pooled, mask, gradient);
}
STYLETRANSFER_CPU_CLONES void unpool_row(bool average, RowShape shape, const Bits* pooled,
                                         const std::uint8_t* mask, Bits* gradient) {
  average ? unpool_row_body<true>(shape, pooled, mask, gradient)
          : unpool_row_body<false>(shape, pooled, mask, gradient);
}

}  // namespace styletransfer::detail::cpu
