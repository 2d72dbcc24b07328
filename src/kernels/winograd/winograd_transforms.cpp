#include "kernels/winograd/winograd_transforms.h"

#include <cstring>

#include "device/cpu_dispatch.h"
#include "kernels/winograd/simd_vector.h"

namespace styletransfer::detail::cpu {
namespace {

// 16 channels of one pixel or of one plane. All channels undergo the same arithmetic, so the
// transforms are written for scalars and run on vectors.
using Values = FloatVec<kWinogradLanes>;
using Bits = IntVec<kWinogradLanes>;

constexpr int kKernelTaps = 3;
/// Kernels that are transformed at once, in float64.
constexpr int kKernelLanes = 8;
typedef double Kernels __attribute__((vector_size(kKernelLanes * sizeof(double))));

// Prefetch distance in tiles for writing to the planes.
constexpr int kTilesAhead = 2;
constexpr int kForWriting = 1;  // argument of __builtin_prefetch

/// The points in the order of the planes: 0, 1, -1, kThird, kFourth, infinity for the forward pass;
/// for the backward pass their inverses, so that 0 and infinity change places.
template <WinogradKernel kernel>
struct Points {
  static constexpr bool kIsBackwardData = kernel == WinogradKernel::kBackwardData;
  static constexpr double kThird = kIsBackwardData ? 2.0 : 0.5;
  static constexpr double kFourth = kIsBackwardData ? -0.5 : -2.0;
  static constexpr int kPlaneOfZero = kIsBackwardData ? 5 : 0;
  static constexpr int kPlaneOfInfinity = kIsBackwardData ? 0 : 5;

  /// Factor of the input at a finite point p != 0: interpolation divides by the product of the
  /// distances p - q to the other finite points q, and winograd_kernels divides the kernel's
  /// polynomial by p, which is made up for here.
  static constexpr float scale(double point) {
    double distances = 1.0;
    for (const double other : {0.0, 1.0, -1.0, kThird, kFourth}) {
      if (other != point) distances *= point - other;
    }
    return static_cast<float>(point / distances);
  }

  /// See winograd_gain(). For uncorrelated pixels, brings the magnitude at the point to within a
  /// quarter of that at 0 and infinity.
  static constexpr float gain(double point) {
    const double magnitude = point < 0 ? -point : point;
    return magnitude == 1.0 ? 4.0F : magnitude < 1.0 ? 2.0F : 16.0F;
  }
};

/// One-dimensional input transform B^T d of six pixels. The coefficients of row p of B^T are those
/// of the polynomial whose roots are the other finite points; since kThird * kFourth = -1, they
/// only depend on s = kThird + kFourth. For example at 0: (x^2 - 1)(x^2 - s x - 1), that is d4 - s
/// d3 - 2 d2 + s d1 + d0. Written in differences, so that six equal pixels give exactly 0 at all
/// points except 1.
template <WinogradKernel kernel, bool with_gain>
STYLETRANSFER_INLINE void input_line(const Values* in, int step, Values out[kWinogradInput]) {
  using P = Points<kernel>;
  static_assert(P::kThird * P::kFourth == -1.0);
  constexpr auto kSum = static_cast<float>(P::kThird + P::kFourth);
  constexpr auto kScale = [](double point) {
    return P::scale(point) * (with_gain ? P::gain(point) : 1.0F);
  };
  constexpr float kScaleOfOne = kScale(1.0);
  constexpr float kScaleOfMinusOne = kScale(-1.0);
  constexpr float kScaleOfThird = kScale(P::kThird);
  constexpr float kScaleOfFourth = kScale(P::kFourth);
  const Values& d0 = in[0];
  const Values& d1 = in[step];
  const Values& d2 = in[2 * step];
  const Values& d3 = in[3 * step];
  const Values& d4 = in[4 * step];
  const Values& d5 = in[5 * step];
  const Values d42 = d4 - d2;
  const Values d31 = d3 - d1;
  out[P::kPlaneOfZero] = d42 - (d2 - d0) - kSum * d31;
  out[1] = kScaleOfOne * (d42 + d31 - kSum * (d3 + d2));
  out[2] = kScaleOfMinusOne * ((d4 - d3) - (d2 - d1) - kSum * (d3 - d2));
  out[3] = kScaleOfThird * (d42 - static_cast<float>(P::kFourth) * d31);
  out[4] = kScaleOfFourth * (d42 - static_cast<float>(P::kThird) * d31);
  out[P::kPlaneOfInfinity] = (d5 - d3) - d31 - kSum * d42;
}

/// One-dimensional kernel transform G g: (g0 + p g1 + p^2 g2) / p at the finite points p != 0, g0
/// at 0 and g2 at infinity. The division by p makes it symmetric: the reversed kernel has the same
/// value at 1 / p, which lets both directions share the transformed weights.
STYLETRANSFER_INLINE void kernel_line(const Kernels* taps, Kernels* out, int step) {
  using P = Points<WinogradKernel::kForward>;
  constexpr double kFinite[] = {1.0, -1.0, P::kThird, P::kFourth};
  out[0] = taps[0];
  for (int i = 0; i < kWinogradInput - 2; ++i) {
    const double point = kFinite[i];
    out[(i + 1) * step] = 1.0 / point * taps[0] + taps[step] + point * taps[2 * step];
  }
  out[(kWinogradInput - 1) * step] = taps[2 * step];
}

/// One-dimensional output transform A^T m of six products: pixel k (0 to 3) is the sum of p^k *
/// m[p] over the finite points; infinity contributes to pixel 3 only.
template <WinogradKernel kernel>
STYLETRANSFER_INLINE void output_line(const Values* in, Values* out, int step) {
  using P = Points<kernel>;
  constexpr auto kThird = static_cast<float>(P::kThird);
  constexpr auto kFourth = static_cast<float>(P::kFourth);
  const Values sum = in[1] + in[2];
  const Values difference = in[1] - in[2];
  const Values third = kThird * in[3];
  const Values fourth = kFourth * in[4];
  out[0] = sum + (in[3] + in[4]) + in[P::kPlaneOfZero];
  out[step] = difference + (third + fourth);
  out[2 * step] = sum + (kThird * third + kFourth * fourth);
  out[3 * step] =
      difference + (kThird * kThird * third + kFourth * kFourth * fourth) + in[P::kPlaneOfInfinity];
}

/// Two-dimensional input transform of 16 channels from `channel` on; calls emit(plane, values) for
/// each of the 36 planes. First along rows, as pixels are loaded, then along columns; the 36
/// intermediate vectors are slightly more than the 32 AVX-512 registers, the rest spills to the
/// first-level cache.
template <WinogradKernel kernel, bool with_gain, typename Emit>
STYLETRANSFER_INLINE void values_at_points(const float* const* pixels, const float* const* next,
                                           std::int64_t channel, const Emit& emit) {
  Values lines[kWinogradProducts];
  for (int y = 0; y < kWinogradInput; ++y) {
    Values line[kWinogradInput];
    for (int x = 0; x < kWinogradInput; ++x) {
      load<kWinogradLanes>(pixels[kWinogradInput * y + x] + channel, line[x]);
    }
    // Prefetches the next tile, except for its first two columns, which are the last two of this
    // one.
    for (int x = kWinogradInput - kWinogradOutput; x < kWinogradInput; ++x) {
      __builtin_prefetch(next[kWinogradInput * y + x] + channel);
    }
    input_line<kernel, with_gain>(line, 1, lines + kWinogradInput * y);
  }
  for (int x = 0; x < kWinogradInput; ++x) {
    Values column[kWinogradInput];
    input_line<kernel, with_gain>(lines + x, kWinogradInput, column);
    for (int y = 0; y < kWinogradInput; ++y) emit(kWinogradInput * y + x, column[y]);
  }
}

/// Float form: stores each plane's vector directly to its slice.
template <WinogradKernel kernel>
STYLETRANSFER_INLINE void input_body(const float* const* pixels, const float* const* next,
                                     WinogradPlanes planes, float* to) {
  for (std::int64_t c = 0; c < planes.columns; c += kWinogradLanes) {
    values_at_points<kernel, false>(pixels, next, c, [&](int plane, const Values& values) {
      float* place = to + plane * planes.plane();
      __builtin_prefetch(place + kTilesAhead * kWinogradLanes, kForWriting);
      store<kWinogradLanes>(values, place);
    });
    to += planes.slice();
  }
}

/// Integer form, in two passes because the scale depends on all channels and planes of the tile:
/// the first transforms to `scratch`, [channels / 16, 36, 16], and finds the largest magnitude; the
/// second rounds and packs channel slices 2 i and 2 i + 1 into pairs.
template <WinogradKernel kernel>
STYLETRANSFER_INLINE void input_pairs_body(const float* const* pixels, const float* const* next,
                                           WinogradPlanes planes, float* scratch, Int16x2* to,
                                           float* scale) {
  constexpr std::int64_t kSliceValues = kWinogradProducts * kWinogradLanes;
  Bits largest{};
  for (std::int64_t c = 0; c < kInt16x2Depth * planes.columns; c += kWinogradLanes) {
    float* slice = scratch + c / kWinogradLanes * kSliceValues;
    values_at_points<kernel, true>(pixels, next, c, [&](int plane, const Values& values) {
      store<kWinogradLanes>(values, slice + plane * kWinogradLanes);
      take_magnitudes(values, largest);
    });
  }
  const RowScale row_scale(largest_of(largest));
  *scale = row_scale.to_values;
  for (std::int64_t c = 0; c < planes.columns; c += kWinogradLanes) {
    for (int plane = 0; plane < kWinogradProducts; ++plane) {
      Values low;
      Values high;
      load<kWinogradLanes>(scratch + plane * kWinogradLanes, low);
      load<kWinogradLanes>(scratch + kSliceValues + plane * kWinogradLanes, high);
      Bits pairs;
      round_to_int16x2<Bits, Values>(row_scale.to_integers * low, row_scale.to_integers * high,
                                     pairs);
      Int16x2* place = to + plane * planes.plane();
      __builtin_prefetch(place + kTilesAhead * kWinogradLanes, kForWriting);
      std::memcpy(place, &pairs, sizeof(pairs));
    }
    scratch += kInt16x2Depth * kSliceValues;
    to += planes.slice();
  }
}

/// Two-dimensional output transform, 16 channels at a time: along columns (36 to 24 vectors), then
/// along rows (to 16 pixels).
template <WinogradKernel kernel>
STYLETRANSFER_INLINE void output_body(const float* from, WinogradPlanes planes, const float* bias,
                                      bool relu, float* const* pixels, const float* const* next) {
  constexpr Values kZero{};
  for (std::int64_t c = 0; c < planes.columns; c += kWinogradLanes) {
    for (int i = 0; i < kWinogradPixels; ++i) {
      if (next[i] != nullptr) __builtin_prefetch(next[i] + c, kForWriting);
    }
    // After the first step: [4 rows][6 columns].
    Values rows[kWinogradOutput * kWinogradInput];
    for (int x = 0; x < kWinogradInput; ++x) {
      Values column[kWinogradInput];
      for (int y = 0; y < kWinogradInput; ++y) {
        load<kWinogradLanes>(from + (kWinogradInput * y + x) * planes.plane(), column[y]);
      }
      output_line<kernel>(column, rows + x, kWinogradInput);
    }
    Values offset{};
    if (bias != nullptr) load<kWinogradLanes>(bias + c, offset);
    for (int y = 0; y < kWinogradOutput; ++y) {
      Values row[kWinogradOutput];
      output_line<kernel>(rows + kWinogradInput * y, row, 1);
      for (int x = 0; x < kWinogradOutput; ++x) {
        float* pixel = pixels[kWinogradOutput * y + x];
        if (pixel == nullptr) continue;
        Values value = row[x] + offset;
        if (relu) value = value > kZero ? value : kZero;
        store<kWinogradLanes>(value, pixel + c);
      }
    }
    from += planes.slice();
  }
}

}  // namespace

STYLETRANSFER_CPU_CLONES void winograd_kernels(const float* kernels, std::int64_t pitch, float* row,
                                               std::int64_t plane) {
  // Eight kernels at a time as lanes of a vector; the gather of taps is scalar, since this runs
  // once per network.
  for (std::int64_t column = 0; column < kPanelColumns; column += kKernelLanes) {
    Kernels taps[kKernelTaps * kKernelTaps];
    for (std::int64_t lane = 0; lane < kKernelLanes; ++lane) {
      const float* kernel = kernels + (column + lane) * pitch;
      for (int tap = 0; tap < kKernelTaps * kKernelTaps; ++tap) taps[tap][lane] = kernel[tap];
    }
    // Along columns, [6 points][3 taps], then along rows, [6 points][6 points].
    Kernels lines[kWinogradInput * kKernelTaps];
    for (int x = 0; x < kKernelTaps; ++x) kernel_line(taps + x, lines + x, kKernelTaps);
    for (int y = 0; y < kWinogradInput; ++y) {
      Kernels across[kWinogradInput];
      kernel_line(lines + kKernelTaps * y, across, 1);
      for (int x = 0; x < kWinogradInput; ++x) {
        const auto values = __builtin_convertvector(across[x], FloatVec<kKernelLanes>);
        store<kKernelLanes>(values, row + (kWinogradInput * y + x) * plane + column);
      }
    }
  }
}

STYLETRANSFER_CPU_CLONES void winograd_input(const float* const pixels[kWinogradProducts],
                                             const float* const next[kWinogradProducts],
                                             WinogradPlanes planes, WinogradKernel kernel,
                                             float* to) {
  kernel == WinogradKernel::kForward
      ? input_body<WinogradKernel::kForward>(pixels, next, planes, to)
      : input_body<WinogradKernel::kBackwardData>(pixels, next, planes, to);
}

STYLETRANSFER_CPU_CLONES void winograd_input_pairs(const float* const pixels[kWinogradProducts],
                                                   const float* const next[kWinogradProducts],
                                                   WinogradPlanes planes, WinogradKernel kernel,
                                                   float* scratch, Int16x2* to, float* scale) {
  kernel == WinogradKernel::kForward
      ? input_pairs_body<WinogradKernel::kForward>(pixels, next, planes, scratch, to, scale)
      : input_pairs_body<WinogradKernel::kBackwardData>(pixels, next, planes, scratch, to, scale);
}

std::array<float, kWinogradInput> winograd_gain(WinogradKernel kernel) {
  // In the order of the planes; 0 and infinity have gain 1.
  const auto of = [](auto points) -> std::array<float, kWinogradInput> {
    using P = decltype(points);
    return {1.0F, P::gain(1.0), P::gain(-1.0), P::gain(P::kThird), P::gain(P::kFourth), 1.0F};
  };
  return kernel == WinogradKernel::kForward ? of(Points<WinogradKernel::kForward>())
                                            : of(Points<WinogradKernel::kBackwardData>());
}

STYLETRANSFER_CPU_CLONES void winograd_output(const float* from, WinogradPlanes planes,
                                              WinogradKernel kernel, const float* bias, bool relu,
                                              float* const pixels[kWinogradPixels],
                                              const float* const next[kWinogradPixels]) {
  kernel == WinogradKernel::kForward
      ? output_body<WinogradKernel::kForward>(from, planes, bias, relu, pixels, next)
      : output_body<WinogradKernel::kBackwardData>(from, planes, bias, relu, pixels, next);
}

}  // namespace styletransfer::detail::cpu
