#include "kernels/elementwise_cpu.h"

#include "kernels/bfloat16.h"

namespace styletransfer::detail::cpu {
namespace {

// Each *_body is written once for float and Bits and inlined into the exported functions below,
// which are compiled for every processor level. `__restrict` and branch-free bodies let GCC
// vectorize.

template <typename T>
STYLETRANSFER_INLINE void relu_backward_body(T* __restrict gradient, const T* __restrict activation,
                                             std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    gradient[i] = positive(activation[i]) ? gradient[i] : T{0};
  }
}

/// Max pooling of one row of cells. Channels are the innermost dimension, so the loop over them
/// reads four contiguous runs (left and right position of two rows) and needs no shuffles.
template <typename T>
STYLETRANSFER_INLINE void max_row(RowShape shape, const T* __restrict in, T* __restrict out) {
  const std::int64_t c = shape.channels;
  for (std::int64_t x = 0; x < shape.out_width; ++x) {
    const T* __restrict top = in + 2 * x * c;
    const T* __restrict bottom = top + shape.in_width * c;
    T* __restrict to = out + x * c;
    for (std::int64_t i = 0; i < c; ++i) {
      to[i] = larger(larger(top[i], top[c + i]), larger(bottom[i], bottom[c + i]));
    }
  }
}

/// Average pooling of one row of cells, summed in float32 in a fixed order.
template <typename T>
STYLETRANSFER_INLINE void average_row(RowShape shape, const T* __restrict in, T* __restrict out) {
  const std::int64_t c = shape.channels;
  for (std::int64_t x = 0; x < shape.out_width; ++x) {
    const T* __restrict top = in + 2 * x * c;
    const T* __restrict bottom = top + shape.in_width * c;
    T* __restrict to = out + x * c;
    for (std::int64_t i = 0; i < c; ++i) {
      const float sum = (to_float(top[i]) + to_float(top[c + i])) +
                        (to_float(bottom[i]) + to_float(bottom[c + i]));
      store(0.25F * sum, to + i);
    }
  }
}

template <typename T>
STYLETRANSFER_INLINE double squared_distance_body(const T* __restrict a, const T* __restrict b,
                                                  std::int64_t count) {
  // 16 partial sums fill one 512-bit register (two on AVX2) and break the dependency chain of the
  // additions. `count` is one row of features, so each partial sum adds few enough numbers for a
  // relative error of about 1e-6.
  constexpr std::int64_t kLanes = 16;
  float sums[kLanes] = {};
  std::int64_t i = 0;
  // `lane` is the innermost loop and has a constant count: it becomes one vector operation per
  // line.
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float difference = to_float(a[i + lane]) - to_float(b[i + lane]);
      sums[lane] += difference * difference;
    }
  }
  // The partial sums and the remaining elements are added in float64.
  double total = 0.0;
  for (const float sum : sums) total += static_cast<double>(sum);
  for (; i < count; ++i) {
    const double difference = to_float(a[i]) - to_float(b[i]);
    total += difference * difference;
  }
  return total;
}

template <typename T>
STYLETRANSFER_INLINE void add_scaled_difference_body(T* __restrict gradient, const T* __restrict a,
                                                     const T* __restrict b, float factor,
                                                     std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    store(to_float(gradient[i]) + factor * (to_float(a[i]) - to_float(b[i])), gradient + i);
  }
}

}  // namespace

// The exported functions: one clone per processor level, with the bodies inlined.
STYLETRANSFER_CPU_CLONES void relu_backward(float* gradient, const float* activation,
                                            std::int64_t count) {
  relu_backward_body(gradient, activation, count);
}
STYLETRANSFER_CPU_CLONES void relu_backward(Bits* gradient, const Bits* activation,
                                            std::int64_t count) {
  relu_backward_body(gradient, activation, count);
}

STYLETRANSFER_CPU_CLONES void relu_to_bfloat16(const float* value, Bits* result,
                                               std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) store(value[i] > 0.0F ? value[i] : 0.0F, result + i);
}

STYLETRANSFER_CPU_CLONES void pool_row(bool average, RowShape shape, const float* in, float* out) {
  average ? average_row(shape, in, out) : max_row(shape, in, out);
}
STYLETRANSFER_CPU_CLONES void pool_row(bool average, RowShape shape, const Bits* in, Bits* out) {
  average ? average_row(shape, in, out) : max_row(shape, in, out);
}

STYLETRANSFER_CPU_CLONES double squared_distance(const float* a, const float* b,
                                                 std::int64_t count) {
  return squared_distance_body(a, b, count);
}
STYLETRANSFER_CPU_CLONES double squared_distance(const Bits* a, const Bits* b, std::int64_t count) {
  return squared_distance_body(a, b, count);
}

STYLETRANSFER_CPU_CLONES void add_scaled_difference(float* gradient, const float* a, const float* b,
                                                    float factor, std::int64_t count) {
  add_scaled_difference_body(gradient, a, b, factor, count);
}
STYLETRANSFER_CPU_CLONES void add_scaled_difference(Bits* gradient, const Bits* a, const Bits* b,
                                                    float factor, std::int64_t count) {
  add_scaled_difference_body(gradient, a, b, factor, count);
}

}  // namespace styletransfer::detail::cpu
