#include "kernels/winograd/gram_int16.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "device/cpu_dispatch.h"
#include "kernels/winograd/packed_gemm.h"
#include "kernels/winograd/simd_vector.h"

namespace styletransfer::detail {
namespace {

using cpu::Int16x2;
using cpu::kInt16x2Depth;
using cpu::kPanelColumns;
using cpu::kSliceColumns;

// Positions that a thread quantizes and multiplies at a time: four register blocks of 14 rows (see
// packed_gemm.cpp). With 512 channels their integers take 57 KB, which stays in the second-level
// cache while all panels of S are multiplied with them.
constexpr int64_t kPositions = 56;

/// A matrix [C, C] quantized for gemm_panel: panels of 32 columns, [C / 32, C / 2 pairs of rows,
/// 32], and the scales of the columns, [C / 32, 32].
struct Panels {
  explicit Panels(const at::Tensor& matrix)
      : channels(matrix.size(0)),
        integers(at::empty({channels / kPanelColumns, channels / kInt16x2Depth, kPanelColumns},
                           at::kInt)),
        scales(at::empty({channels / kPanelColumns, kPanelColumns}, at::kFloat)) {
    // [C, C] to float panels [C / 32, C, 32].
    const at::Tensor values =
        matrix.view({channels, -1, kPanelColumns}).transpose(0, 1).contiguous();
    for (int64_t panel = 0; panel < values.size(0); ++panel) {
      cpu::quantize_panel(values[panel].const_data_ptr<float>(), channels,
                          integers[panel].data_ptr<Int16x2>(), scales[panel].data_ptr<float>());
    }
  }

  int64_t channels;
  at::Tensor integers;
  at::Tensor scales;
};

/// Adds a product [rows, 32], stored in slices [2, rows, 16], to 32 columns of the gradient, and
/// applies the ReLU's gradient. Gradient and features are row-major with `channels` per row.
STYLETRANSFER_CPU_CLONES void add_product(const float* product, int64_t rows, int64_t channels,
                                          bool through_relu, const float* features,
                                          float* gradient) {
  using Values = cpu::FloatVec<kSliceColumns>;
  constexpr Values kZero{};
  // Slice 0 holds columns 0 to 15, slice 1, rows * 16 values later, columns 16 to 31.
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < kPanelColumns; column += kSliceColumns) {
      Values sum;
      Values part;
      cpu::load<kSliceColumns>(gradient + column, sum);
      cpu::load<kSliceColumns>(product + column * rows, part);
      sum += part;
      if (through_relu) {
        Values feature;
        cpu::load<kSliceColumns>(features + column, feature);
        sum = feature > kZero ? sum : kZero;  // vector comparison: selects per lane
      }
      cpu::store<kSliceColumns>(sum, gradient + column);
    }
    product += kSliceColumns;
    features += channels;
    gradient += channels;
  }
}

}  // namespace

bool gram_int16_usable(const at::Tensor& features) {
  return features.is_cpu() && features.scalar_type() == at::kFloat &&
         features.size(-1) % kPanelColumns == 0;
}

void add_gram_gradient_in_int16_(at::Tensor& gradient, const at::Tensor& features,
                                 const at::Tensor& factor, bool through_relu) {
  const Panels panels(factor);
  const int64_t channels = panels.channels;
  const int64_t positions = features.size(0);
  const auto* from = features.const_data_ptr<float>();
  auto* to = gradient.data_ptr<float>();
  const auto* integers = panels.integers.const_data_ptr<Int16x2>();
  const auto* scales = panels.scales.const_data_ptr<float>();
  // Each thread quantizes a few positions into its own buffers and multiplies them by all panels of
  // S. Positions are independent, so the result does not depend on the number of threads.
  const int64_t chunks = (positions + kPositions - 1) / kPositions;
  at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
    const at::Tensor left = at::empty({kPositions, channels / kInt16x2Depth}, at::kInt);
    const at::Tensor row_scales = at::empty({kPositions}, at::kFloat);
    const at::Tensor product = at::empty({kPositions, kPanelColumns}, at::kFloat);
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t first = chunk * kPositions;
      const int64_t rows = std::min(kPositions, positions - first);
      cpu::quantize_rows(from + first * channels, rows, channels, left.data_ptr<Int16x2>(),
                         row_scales.data_ptr<float>());
      // 32 channels of the gradient at a time: the product [56, 32] stays in the first-level cache.
      for (int64_t column = 0; column < channels; column += kPanelColumns) {
        cpu::gemm_panel(left.const_data_ptr<Int16x2>(), row_scales.const_data_ptr<float>(), rows,
                        channels, integers + column * channels / kInt16x2Depth, scales + column,
                        product.data_ptr<float>(), {});
        add_product(product.const_data_ptr<float>(), rows, channels, through_relu,
                    from + first * channels + column, to + first * channels + column);
      }
    }
  });
}

}  // namespace styletransfer::detail
