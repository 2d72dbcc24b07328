#include "detail/winograd_transforms.h"

#include <cstring>

#include "detail/cpu_dispatch.h"
#include "detail/lanes.h"

namespace styletransfer::detail::cpu {
namespace {

using Values = Lanes<kWinogradLanes>;
using Bits = Places<kWinogradLanes>;

constexpr int kKernelTaps = 3;
/// Kernels that are worked on at once.
constexpr int kKernelLanes = 8;
typedef double Kernels __attribute__((vector_size(kKernelLanes * sizeof(double))));

// Tiles whose places in the planes are fetched before they are written.
constexpr int kTilesAhead = 2;
constexpr int kForWriting = 1;  // what __builtin_prefetch calls it

/// The points 0, 1, -1, kThird, kFourth and infinity of straight kernels, in the planes' order; of
/// turned ones their inverses, among which 0 and infinity have changed places.
template <WinogradKernel kernel>
struct Points {
  static constexpr bool kIsTurned = kernel == WinogradKernel::kTurned;
  static constexpr double kThird = kIsTurned ? 2.0 : 0.5;
  static constexpr double kFourth = kIsTurned ? -0.5 : -2.0;
  static constexpr int kPlaneOfZero = kIsTurned ? 5 : 0;
  static constexpr int kPlaneOfInfinity = kIsTurned ? 0 : 5;

  /// What the input at a point is multiplied by: winograd_kernels has 1 / point of the kernel's
  /// polynomial; interpolation divides by the distances from the other points.
  static constexpr float scale(double point) {
    double distances = 1.0;
    for (const double other : {0.0, 1.0, -1.0, kThird, kFourth}) {
      if (other != point) distances *= point - other;
    }
    return static_cast<float>(point / distances);
  }

  /// Brings what the point makes of unrelated pixels to within a quarter of what 0 and infinity do.
  static constexpr float gain(double point) {
    const double magnitude = point < 0 ? -point : point;
    return magnitude == 1.0 ? 4.0F : magnitude < 1.0 ? 2.0F : 16.0F;
  }
};

/// A line of six pixels at the six points: polynomials whose roots are the other points. Written in
/// differences, so that equal pixels give exactly 0 everywhere but at 1.
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

/// A line of three taps of kernels at the six points. Divided by the point, which makes a kernel
/// and its turned one alike: what the one has at p the other has at 1 / p.
STYLETRANSFER_INLINE void kernel_line(const Kernels* taps, Kernels* out, int step) {
  using P = Points<WinogradKernel::kStraight>;
  constexpr double kFinite[] = {1.0, -1.0, P::kThird, P::kFourth};
  out[0] = taps[0];
  for (int i = 0; i < kWinogradInput - 2; ++i) {
    const double point = kFinite[i];
    out[(i + 1) * step] = 1.0 / point * taps[0] + taps[step] + point * taps[2 * step];
  }
  out[(kWinogradInput - 1) * step] = taps[2 * step];
}

/// Four pixels of a line of six products: pixel k has the sum of the points' k-th powers.
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

/// The tile's values at the pairs of points, of the channels from `channel` on: see(plane, values).
template <WinogradKernel kernel, bool with_gain, typename See>
STYLETRANSFER_INLINE void values_at_points(const float* const* pixels, const float* const* next,
                                           std::int64_t channel, const See& see) {
  Values lines[kWinogradProducts];
  for (int y = 0; y < kWinogradInput; ++y) {
    Values line[kWinogradInput];
    for (int x = 0; x < kWinogradInput; ++x) {
      load<kWinogradLanes>(pixels[kWinogradInput * y + x] + channel, line[x]);
    }
    // The first columns are this tile's last.
    for (int x = kWinogradInput - kWinogradOutput; x < kWinogradInput; ++x) {
      __builtin_prefetch(next[kWinogradInput * y + x] + channel);
    }
    input_line<kernel, with_gain>(line, 1, lines + kWinogradInput * y);
  }
  for (int x = 0; x < kWinogradInput; ++x) {
    Values column[kWinogradInput];
    input_line<kernel, with_gain>(lines + x, kWinogradInput, column);
    for (int y = 0; y < kWinogradInput; ++y) see(kWinogradInput * y + x, column[y]);
  }
}

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

template <WinogradKernel kernel>
STYLETRANSFER_INLINE void input_pairs_body(const float* const* pixels, const float* const* next,
                                           WinogradPlanes planes, float* room, Pair* to,
                                           float* scale) {
  constexpr std::int64_t kSliceRoom = kWinogradProducts * kWinogradLanes;
  Bits largest{};
  for (std::int64_t c = 0; c < kPairDepth * planes.columns; c += kWinogradLanes) {
    float* slice = room + c / kWinogradLanes * kSliceRoom;
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
      load<kWinogradLanes>(room + plane * kWinogradLanes, low);
      load<kWinogradLanes>(room + kSliceRoom + plane * kWinogradLanes, high);
      Bits pairs;
      round_to_pairs<Bits, Values>(row_scale.to_integers * low, row_scale.to_integers * high,
                                   pairs);
      Pair* place = to + plane * planes.plane();
      __builtin_prefetch(place + kTilesAhead * kWinogradLanes, kForWriting);
      std::memcpy(place, &pairs, sizeof(pairs));
    }
    room += kPairDepth * kSliceRoom;
    to += planes.slice();
  }
}

template <WinogradKernel kernel>
STYLETRANSFER_INLINE void output_body(const float* from, WinogradPlanes planes, const float* bias,
                                      bool relu, float* const* pixels, const float* const* next) {
  constexpr Values kZero{};
  for (std::int64_t c = 0; c < planes.columns; c += kWinogradLanes) {
    for (int i = 0; i < kWinogradPixels; ++i) {
      if (next[i] != nullptr) __builtin_prefetch(next[i] + c, kForWriting);
    }
    // Columns first: [4 rows][6 columns].
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
  for (std::int64_t column = 0; column < kPanelColumns; column += kKernelLanes) {
    Kernels taps[kKernelTaps * kKernelTaps];
    for (std::int64_t lane = 0; lane < kKernelLanes; ++lane) {
      const float* kernel = kernels + (column + lane) * pitch;
      for (int tap = 0; tap < kKernelTaps * kKernelTaps; ++tap) taps[tap][lane] = kernel[tap];
    }
    Kernels lines[kWinogradInput * kKernelTaps];
    for (int x = 0; x < kKernelTaps; ++x) kernel_line(taps + x, lines + x, kKernelTaps);
    for (int y = 0; y < kWinogradInput; ++y) {
      Kernels across[kWinogradInput];
      kernel_line(lines + kKernelTaps * y, across, 1);
      for (int x = 0; x < kWinogradInput; ++x) {
        const auto values = __builtin_convertvector(across[x], Lanes<kKernelLanes>);
        store<kKernelLanes>(values, row + (kWinogradInput * y + x) * plane + column);
      }
    }
  }
}

STYLETRANSFER_CPU_CLONES void winograd_input(const float* const pixels[kWinogradProducts],
                                             const float* const next[kWinogradProducts],
                                             WinogradPlanes planes, WinogradKernel kernel,
                                             float* to) {
  kernel == WinogradKernel::kStraight
      ? input_body<WinogradKernel::kStraight>(pixels, next, planes, to)
      : input_body<WinogradKernel::kTurned>(pixels, next, planes, to);
}

STYLETRANSFER_CPU_CLONES void winograd_input_pairs(const float* const pixels[kWinogradProducts],
                                                   const float* const next[kWinogradProducts],
                                                   WinogradPlanes planes, WinogradKernel kernel,
                                                   float* room, Pair* to, float* scale) {
  kernel == WinogradKernel::kStraight
      ? input_pairs_body<WinogradKernel::kStraight>(pixels, next, planes, room, to, scale)
      : input_pairs_body<WinogradKernel::kTurned>(pixels, next, planes, room, to, scale);
}

std::array<float, kWinogradInput> winograd_gain(WinogradKernel kernel) {
  const auto of = [](auto points) -> std::array<float, kWinogradInput> {
    using P = decltype(points);
    return {1.0F, P::gain(1.0), P::gain(-1.0), P::gain(P::kThird), P::gain(P::kFourth), 1.0F};
  };
  return kernel == WinogradKernel::kStraight ? of(Points<WinogradKernel::kStraight>())
                                             : of(Points<WinogradKernel::kTurned>());
}

STYLETRANSFER_CPU_CLONES void winograd_output(const float* from, WinogradPlanes planes,
                                              WinogradKernel kernel, const float* bias, bool relu,
                                              float* const pixels[kWinogradPixels],
                                              const float* const next[kWinogradPixels]) {
  kernel == WinogradKernel::kStraight
      ? output_body<WinogradKernel::kStraight>(from, planes, bias, relu, pixels, next)
      : output_body<WinogradKernel::kTurned>(from, planes, bias, relu, pixels, next);
}

}  // namespace styletransfer::detail::cpu
