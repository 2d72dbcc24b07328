#include "kernels/activation_masks_cpu.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace styletransfer::detail::cpu {
namespace {

// Channels per iteration: their flags, one byte each, fill one 512-bit register (two on AVX2).
constexpr std::int64_t kLanes = 64;
/// One flag (0 or 1) per channel: the form between the comparison loop and the packed bits.
using Flags = std::uint8_t[kLanes];

STYLETRANSFER_INLINE std::int64_t bytes_of(std::int64_t channels) { return (channels + 7) / 8; }

/// Packs 8 flag bytes into 8 bits. The multiplier adds shifted copies of the 64-bit word such that
/// byte i lands on bit i of the top byte; no two copies share a bit, so nothing carries.
STYLETRANSFER_INLINE void pack(const Flags& flags, std::int64_t bytes, std::uint8_t* mask) {
  for (std::int64_t i = 0; i < bytes; ++i) {
    std::uint64_t eight;
    std::memcpy(&eight, flags + 8 * i, sizeof(eight));
    mask[i] = static_cast<std::uint8_t>((eight * 0x0102040810204080U) >> 56U);
  }
}

/// Unpacks 8 bits into 8 flag bytes: copies the mask byte to all 8 bytes, keeps bit i in byte i,
/// and turns any nonzero byte into 1 (adding 0x7F sets its top bit).
STYLETRANSFER_INLINE void unpack(const std::uint8_t* mask, std::int64_t bytes, Flags& flags) {
  for (std::int64_t i = 0; i < bytes; ++i) {
    const std::uint64_t own = (mask[i] * 0x0101010101010101U) & 0x8040201008040201U;
    const std::uint64_t eight = ((own + 0x7F7F7F7F7F7F7F7FU) >> 7U) & 0x0101010101010101U;
    std::memcpy(flags + 8 * i, &eight, sizeof(eight));
  }
}

/// Comparison and packing are separate loops: the first one vectorizes, the second works on 64-bit
/// words; 64 flags stay in registers or in the first-level cache in between.
template <typename T>
STYLETRANSFER_INLINE void make_relu_mask_body(const T* __restrict features, std::int64_t positions,
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

/// Zeroes the gradient where the mask is not set. Both branches of the selection are values, so the
/// inner loop becomes a masked move or a blend.
template <typename T>
STYLETRANSFER_INLINE void apply_mask_body(T* __restrict gradient, std::int64_t positions,
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

/// Structure of arrays for up to 64 channels of one 2x2 cell: values[0] top left, [1] top right,
/// [2] bottom left, [3] bottom right.
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

/// Makes max-pooling ties deterministic in uniform areas of an image. If both rows of a cell are
/// constant up to rounding, the right column is set to the left one; if both columns are, the
/// bottom row is set to the top one. In exact arithmetic these values are equal, and the first one
/// gets the gradient; without this, rounding errors of the convolution would pick the position. (If
/// only one of the two rows or columns agrees, the area is not uniform and the larger value
/// counts.)
STYLETRANSFER_INLINE void merge_near_ties(std::int64_t lanes, Cells<float>& cells) {
  constexpr float kRounding = 1e-4F;  // relative to the mean magnitude of the pair
  // Returns all ones or zero, as a bit mask to select with. The comparison is done on the bits
  // because a floating-point comparison may raise an exception flag, and GCC then does not
  // vectorize the loop.
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
/// bfloat16 needs no tolerance: rounding to 8 significant bits already makes near ties equal.
STYLETRANSFER_INLINE void merge_near_ties(std::int64_t /*lanes*/, Cells<Bits>& /*cells*/) {}

/// Computes the flags of the four corners for `lanes` channels, without branches so that it
/// vectorizes. Max: exactly one corner per channel gets the flag (`left` is 1 until it is given
/// away), or none if `through_relu` and the maximum is not positive.
template <bool average, typename T>
STYLETRANSFER_INLINE void compute_flags(bool through_relu, std::int64_t lanes,
                                        const Cells<T>& cells, Flags (&flags)[4]) {
  for (std::int64_t i = 0; i < lanes; ++i) {
    const T values[4] = {cells.values[0][i], cells.values[1][i], cells.values[2][i],
                         cells.values[3][i]};
    if (average) {
      for (int corner = 0; corner < 4; ++corner) {
        flags[corner][i] = !through_relu || positive(values[corner]) ? 1 : 0;
      }
    } else {
      const T max = larger(larger(values[0], values[1]), larger(values[2], values[3]));
      std::uint8_t left = !through_relu || positive(max) ? 1 : 0;
      for (int corner = 0; corner < 4; ++corner) {
        const std::uint8_t own = order(values[corner]) == order(max) ? left : std::uint8_t{0};
        flags[corner][i] = own;
        left = static_cast<std::uint8_t>(left - own);
      }
    }
  }
}

/// The masks of one row of cells: for each cell and group of 64 channels, gathers the four corners,
/// computes their flags and packs them into the two mask rows.
template <bool average, typename T>
STYLETRANSFER_INLINE void make_pool_mask_body(bool through_relu, RowShape shape, const T* in,
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
      if (!average) merge_near_ties(lanes, cells);
      Flags flags[4]{};
      compute_flags<average>(through_relu, lanes, cells, flags);
      pack(flags[0], bytes_of(lanes), to + c / 8);
      pack(flags[1], bytes_of(lanes), to + bytes + c / 8);
      pack(flags[2], bytes_of(lanes), to + shape.in_width * bytes + c / 8);
      pack(flags[3], bytes_of(lanes), to + (shape.in_width + 1) * bytes + c / 8);
    }
  }
}

/// Distributes one pooled row to an input row: the pooled gradient (a quarter of it for average
/// pooling) where the mask is set, 0 elsewhere and in an odd last column.
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

// The exported functions: each instantiation is cloned per processor level.
STYLETRANSFER_CPU_CLONES void make_relu_mask(const float* features, std::int64_t positions,
                                             std::int64_t channels, std::uint8_t* mask) {
  make_relu_mask_body(features, positions, channels, mask);
}
STYLETRANSFER_CPU_CLONES void make_relu_mask(const Bits* features, std::int64_t positions,
                                             std::int64_t channels, std::uint8_t* mask) {
  make_relu_mask_body(features, positions, channels, mask);
}

STYLETRANSFER_CPU_CLONES void apply_mask(float* gradient, std::int64_t positions,
                                         std::int64_t channels, const std::uint8_t* mask) {
  apply_mask_body(gradient, positions, channels, mask);
}
STYLETRANSFER_CPU_CLONES void apply_mask(Bits* gradient, std::int64_t positions,
                                         std::int64_t channels, const std::uint8_t* mask) {
  apply_mask_body(gradient, positions, channels, mask);
}

STYLETRANSFER_CPU_CLONES void make_pool_mask(PoolBackward mode, RowShape shape, const float* in,
                                             std::uint8_t* mask) {
  mode.average ? make_pool_mask_body<true>(mode.through_relu, shape, in, mask)
               : make_pool_mask_body<false>(mode.through_relu, shape, in, mask);
}
STYLETRANSFER_CPU_CLONES void make_pool_mask(PoolBackward mode, RowShape shape, const Bits* in,
                                             std::uint8_t* mask) {
  mode.average ? make_pool_mask_body<true>(mode.through_relu, shape, in, mask)
               : make_pool_mask_body<false>(mode.through_relu, shape, in, mask);
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
