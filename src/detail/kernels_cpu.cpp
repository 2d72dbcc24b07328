#include "detail/kernels_cpu.h"

#include "detail/bfloat16_bits.h"

namespace styletransfer::detail::cpu {
namespace {

template <typename T>
STYLETRANSFER_INLINE void relu_backward_body(T* __restrict gradient, const T* __restrict activation,
                                             std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    gradient[i] = positive(activation[i]) ? gradient[i] : T{0};
  }
}

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
  // Sixteen running sums make a vector register; each adds few enough numbers to stay exact to
  // about 1e-6.
  constexpr std::int64_t kLanes = 16;
  float sums[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float difference = to_float(a[i + lane]) - to_float(b[i + lane]);
      sums[lane] += difference * difference;
    }
  }
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
