#include "kernels/activation_masks.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "kernels/activation_masks_cpu.h"
#include "kernels/elementwise_aten.h"
#include "kernels/feature_layout.h"

namespace styletransfer::detail {
namespace {

/// True if masks of this dtype and device are bit masks; otherwise they are bool tensors.
bool has_bits(c10::ScalarType type, c10::Device device) {
  return device.is_cpu() && (type == at::kFloat || type == at::kBFloat16);
}
bool has_bits(const at::Tensor& mask) { return mask.scalar_type() == at::kByte; }

/// Calls body with a pointer to the tensor's values: float* or Bits* (bfloat16).
template <typename Body>
void with_values(const at::Tensor& tensor, const Body& body) {
  if (tensor.scalar_type() == at::kFloat) {
    body(tensor.data_ptr<float>());
  } else {
    body(reinterpret_cast<cpu::Bits*>(tensor.data_ptr<at::BFloat16>()));
  }
}

/// Calls body(first, last) over ranges of positions, in parallel, at least 256 per thread.
template <typename Body>
void for_each_range(const at::Tensor& features, const Body& body) {
  at::parallel_for(0, features.size(0) * features.size(1), 256, body);
}

/// Nearest-neighbor upsampling by 2 to [rows, width, c]: each pooled value fills its 2x2 cell;
/// positions outside all cells (an odd last row or column) get 0.
at::Tensor spread(const at::Tensor& pooled, int64_t rows, int64_t width) {
  at::Tensor wide = at::zeros({rows, width, pooled.size(2)}, pooled.options());
  wide.narrow(0, 0, 2 * pooled.size(0))
      .narrow(1, 0, 2 * pooled.size(1))
      .copy_(pooled.repeat_interleave(2, 0).repeat_interleave(2, 1));
  return wide;
}

}  // namespace

bool shares_features(c10::ScalarType type, c10::Device device) { return !has_bits(type, device); }

at::Tensor pool_with_indices(const at::Tensor& features, const at::Tensor& pooled) {
  // LibTorch's kernels take channels-last batches; the views share memory with the feature layout.
  at::Tensor indices = at::empty(pooled.sizes(), pooled.options().dtype(at::kLong));
  at::Tensor to = as_batch(pooled);
  at::Tensor batch = as_batch(indices);
  at::max_pool2d_with_indices_out(to, batch, as_batch(features), {2, 2}, {2, 2});
  return indices;
}

void unpool_whole(PoolKind kind, const at::Tensor& pooled_gradient, const WholePooling& pooling,
                  const at::Tensor& gradient) {
  // An input of a single row or column has no cells.
  if (pooled_gradient.numel() == 0) {
    gradient.zero_();
    return;
  }
  at::Tensor to = as_batch(gradient);
  if (kind == PoolKind::kAverage) {
    // LibTorch reads only the size of its `input` argument here, so the output can take its place.
    at::avg_pool2d_backward_out(to, as_batch(pooled_gradient), to, {2, 2}, {2, 2}, {0, 0}, false,
                                true, {});
    if (pooling.relu.defined()) aten::relu_backward_(gradient, pooling.relu);
    return;
  }
  // The ReLU lets a gradient through where the maximum is positive, so it can be applied to the
  // pooled gradient, which has a quarter of the values.
  if (pooling.relu.defined()) aten::relu_backward_(pooled_gradient, pooling.relu);
  // As above: only the size of `input` is read.
  at::max_pool2d_with_indices_backward_out(to, as_batch(pooled_gradient), to, {2, 2}, {2, 2},
                                           {0, 0}, {1, 1}, false, as_batch(pooling.indices));
}

int64_t mask_bytes(int64_t channels, c10::ScalarType type, c10::Device device) {
  return has_bits(type, device) ? (channels + 7) / 8 : channels;
}

at::Tensor empty_mask(int64_t rows, int64_t width, int64_t channels,
                      const at::TensorOptions& features) {
  const auto type = c10::typeMetaToScalarType(features.dtype());
  return at::empty({rows, width, mask_bytes(channels, type, features.device())},
                   features.dtype(has_bits(type, features.device()) ? at::kByte : at::kBool));
}

void make_relu_mask(const at::Tensor& features, const at::Tensor& mask) {
  if (!has_bits(mask)) {
    at::Tensor marks = mask;
    at::gt_out(marks, features, 0);
    return;
  }
  const at::Tensor from = features.contiguous();
  const int64_t channels = from.size(2);
  with_values(from, [&](const auto* values) {
    for_each_range(from, [&](int64_t first, int64_t last) {
      cpu::make_relu_mask(values + first * channels, last - first, channels,
                          mask.data_ptr<uint8_t>() + first * mask.size(2));
    });
  });
}

void pool_with_mask(PoolKind kind, const at::Tensor& features, bool through_relu,
                    const at::Tensor& pooled, const at::Tensor& mask) {
  const at::Tensor from = features.contiguous();
  pool_2x2(kind, from, pooled);
  if (!has_bits(mask)) {
    // Bool masks (tests and other dtypes): the mask is where a gradient of ones arrives.
    const at::Tensor passed = at::empty_like(from);
    aten::pool_2x2_backward(kind, from, at::ones_like(pooled), through_relu, passed);
    mask.copy_(passed.gt(0));
    return;
  }
  // One task per row of cells: a task writes two whole mask rows, so no two threads share a byte.
  const cpu::PoolBackward mode{kind == PoolKind::kAverage, through_relu};
  const cpu::RowShape shape{from.size(1), pooled.size(1), from.size(2)};
  with_values(from, [&](const auto* values) {
    at::parallel_for(0, pooled.size(0), 1, [&](int64_t first, int64_t last) {
      for (int64_t row = first; row < last; ++row) {
        const int64_t position = 2 * row * from.size(1);
        cpu::make_pool_mask(mode, shape, values + position * from.size(2),
                            mask.data_ptr<uint8_t>() + position * mask.size(2));
      }
    });
  });
}

void apply_mask_(const at::Tensor& gradient, const at::Tensor& mask) {
  if (!has_bits(mask)) {
    // Selects instead of multiplying by 0 or 1, so that infinities and NaN are removed as well.
    if (mask.scalar_type() == at::kBool) {
      gradient.copy_(at::where(mask, gradient, at::zeros({}, gradient.options())));
    } else {
      aten::relu_backward_(gradient, mask);
    }
    return;
  }
  const int64_t channels = gradient.size(2);
  with_values(gradient, [&](auto* values) {
    for_each_range(gradient, [&](int64_t first, int64_t last) {
      cpu::apply_mask(values + first * channels, last - first, channels,
                      mask.data_ptr<uint8_t>() + first * mask.size(2));
    });
  });
}

void unpool(PoolKind kind, const at::Tensor& pooled_gradient, const at::Tensor& mask,
            int64_t first_row, const at::Tensor& gradient) {
  const int64_t rows = gradient.size(0);
  const int64_t width = gradient.size(1);
  if (!has_bits(mask)) {
    // Upsamples only the pooled rows needed here: upsampling the whole image would take as much
    // memory as its features.
    // [first_cell, last_cell) are the pooled rows of these rows, and `above` is 1 if the first
    // wanted row is the second one of its cell.
    const int64_t last_cell = std::min((first_row + rows + 1) / 2, pooled_gradient.size(0));
    const int64_t first_cell = std::min(first_row / 2, last_cell);
    const int64_t above = first_row - 2 * first_cell;
    const int64_t cells = last_cell - first_cell;
    const at::Tensor wide = spread(pooled_gradient.narrow(0, first_cell, cells),
                                   std::max(above + rows, 2 * cells), width);
    const at::Tensor own = wide.narrow(0, above, rows);
    // Outside the cells the mask is undefined, but `own` is 0 there.
    gradient.copy_(
        at::where(mask.narrow(0, first_row, rows), own, at::zeros({}, gradient.options())));
    if (kind == PoolKind::kAverage) gradient.mul_(0.25);
    return;
  }
  // Bit masks: each gradient row is computed from one pooled row and one mask row.
  const at::Tensor pooled = pooled_gradient.contiguous();
  const cpu::RowShape shape{width, pooled.size(1), gradient.size(2)};
  with_values(gradient, [&](auto* values) {
    using Value = std::remove_pointer_t<decltype(values)>;
    const auto* from = reinterpret_cast<const Value*>(pooled.data_ptr());
    at::parallel_for(0, rows, 2, [&](int64_t first, int64_t last) {
      for (int64_t row = first; row < last; ++row) {
        const int64_t y = first_row + row;
        Value* to = values + row * width * shape.channels;
        if (y / 2 >= pooled.size(0)) {  // an odd last row belongs to no cell
          std::fill_n(to, width * shape.channels, Value{0});
          continue;
        }
        cpu::unpool_row(kind == PoolKind::kAverage, shape,
                        from + y / 2 * pooled.size(1) * shape.channels,
                        mask.data_ptr<uint8_t>() + y * width * mask.size(2), to);
      }
    });
  });
}

}  // namespace styletransfer::detail
