#include "kernels/elementwise.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "kernels/elementwise_aten.h"
#include "kernels/elementwise_cpu.h"

namespace styletransfer::detail {
namespace {

/// True if the loops of elementwise_cpu.h can process the tensor.
bool has_cpu_kernel(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.is_contiguous() &&
         (tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16);
}

/// Calls body(first, last) over element ranges, in parallel. A thread gets at least 16384 elements:
/// below that, waking it costs more than the loop.
template <typename Body>
void for_each_range(int64_t count, const Body& body) {
  constexpr int64_t kGrain = 1 << 14;
  at::parallel_for(0, count, kGrain, body);
}

// Typed access for the two dtypes of the CPU loops.
float* floats(const at::Tensor& tensor) { return tensor.data_ptr<float>(); }
cpu::Bits* bits(const at::Tensor& tensor) {
  return reinterpret_cast<cpu::Bits*>(tensor.data_ptr<at::BFloat16>());
}
bool is_float(const at::Tensor& tensor) { return tensor.scalar_type() == at::kFloat; }

}  // namespace

void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation) {
  if (!has_cpu_kernel(gradient) || !has_cpu_kernel(activation)) {
    aten::relu_backward_(gradient, activation);
    return;
  }
  for_each_range(gradient.numel(), [&](int64_t first, int64_t last) {
    if (is_float(gradient)) {
      cpu::relu_backward(floats(gradient) + first, floats(activation) + first, last - first);
    } else {
      cpu::relu_backward(bits(gradient) + first, bits(activation) + first, last - first);
    }
  });
}

at::Tensor relu_as(const at::Tensor& value, c10::ScalarType dtype) {
  // The fused form exists for the one conversion on the hot path, float32 to bfloat16.
  if (!value.is_cpu() || !is_float(value) || dtype != at::kBFloat16 ||
      !value.is_non_overlapping_and_dense()) {
    return at::relu(value).to(dtype);
  }
  // The CPU kernel is elementwise, so any dense layout (also channels-last) is one flat array;
  // empty_like gives the result the same strides.
  at::Tensor result = at::empty_like(value, value.options().dtype(dtype));
  for_each_range(value.numel(), [&](int64_t first, int64_t last) {
    cpu::relu_to_bfloat16(floats(value) + first, bits(result) + first, last - first);
  });
  return result;
}

void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled) {
  if (!has_cpu_kernel(features) || !has_cpu_kernel(pooled)) {
    aten::pool_2x2(kind, features, pooled);
    return;
  }
  // Each output row depends on two input rows only; rows are distributed over the threads.
  const int64_t width = features.size(1);
  const int64_t channels = features.size(2);
  const int64_t out_width = pooled.size(1);
  const bool average = kind == PoolKind::kAverage;
  at::parallel_for(0, pooled.size(0), 1, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const int64_t in = 2 * row * width * channels;
      const int64_t out = row * out_width * channels;
      const cpu::RowShape shape{width, out_width, channels};
      if (is_float(features)) {
        cpu::pool_row(average, shape, floats(features) + in, floats(pooled) + out);
      } else {
        cpu::pool_row(average, shape, bits(features) + in, bits(pooled) + out);
      }
    }
  });
}

DeferredNumber squared_distance(const at::Tensor& a, const at::Tensor& b) {
  if (!has_cpu_kernel(a) || !has_cpu_kernel(b)) return aten::squared_distance(a, b);
  // One partial sum per row, added in row order, so that the result does not depend on the number
  // of threads.
  const int64_t rows = a.size(0);
  const int64_t per_row = a.numel() / rows;
  std::vector<double> partial(static_cast<size_t>(rows));
  at::parallel_for(0, rows, 1, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const int64_t at = row * per_row;
      partial[static_cast<size_t>(row)] =
          is_float(a) ? cpu::squared_distance(floats(a) + at, floats(b) + at, per_row)
                      : cpu::squared_distance(bits(a) + at, bits(b) + at, per_row);
    }
  });
  double sum = 0.0;
  for (const double value : partial) sum += value;
  return sum;
}

void add_scaled_difference_(at::Tensor& gradient, const at::Tensor& a, const at::Tensor& b,
                            double factor) {
  if (!has_cpu_kernel(gradient) || !has_cpu_kernel(a) || !has_cpu_kernel(b)) {
    gradient.add_(at::sub(a, b), factor);
    return;
  }
  // Fused: reads a, b and the gradient once. With LibTorch operations the difference would be
  // written to memory and read back.
  const auto scale = static_cast<float>(factor);
  for_each_range(gradient.numel(), [&](int64_t first, int64_t last) {
    const int64_t n = last - first;
    if (is_float(gradient)) {
      cpu::add_scaled_difference(floats(gradient) + first, floats(a) + first, floats(b) + first,
                                 scale, n);
    } else {
      cpu::add_scaled_difference(bits(gradient) + first, bits(a) + first, bits(b) + first, scale,
                                 n);
    }
  });
}

}  // namespace styletransfer::detail
