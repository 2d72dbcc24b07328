#include "detail/gram_integers.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "detail/cpu_dispatch.h"
#include "detail/lanes.h"
#include "detail/panel_product.h"

namespace styletransfer::detail {
namespace {

using cpu::kPairDepth;
using cpu::kPanelColumns;
using cpu::kSliceColumns;
using cpu::Pair;

// Positions that a thread works on at a time. A multiple of the rows of a product's blocks.
constexpr int64_t kPositions = 56;

/// A matrix [C, C] in panels: [C / 32, C / 2, 32] integers, and their columns' scales [C / 32, 32].
struct Panels {
  explicit Panels(const at::Tensor& matrix)
      : channels(matrix.size(0)),
        integers(
            at::empty({channels / kPanelColumns, channels / kPairDepth, kPanelColumns}, at::kInt)),
        scales(at::empty({channels / kPanelColumns, kPanelColumns}, at::kFloat)) {
    const at::Tensor values =
        matrix.view({channels, -1, kPanelColumns}).transpose(0, 1).contiguous();
    for (int64_t panel = 0; panel < values.size(0); ++panel) {
      cpu::panel_of_integers(values[panel].const_data_ptr<float>(), channels,
                             integers[panel].data_ptr<Pair>(), scales[panel].data_ptr<float>());
    }
  }

  int64_t channels;
  at::Tensor integers;
  at::Tensor scales;
};

/// Adds a product [rows, 32] in slices to 32 columns of the gradient, which, like the features, has
/// `channels`.
STYLETRANSFER_CPU_CLONES void add_product(const float* product, int64_t rows, int64_t channels,
                                          bool through_relu, const float* features,
                                          float* gradient) {
  using Values = cpu::Lanes<kSliceColumns>;
  constexpr Values kZero{};
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
        sum = feature > kZero ? sum : kZero;
      }
      cpu::store<kSliceColumns>(sum, gradient + column);
    }
    product += kSliceColumns;
    features += channels;
    gradient += channels;
  }
}

}  // namespace

bool gram_integers_usable(const at::Tensor& features) {
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
  const auto* integers = panels.integers.const_data_ptr<Pair>();
  const auto* scales = panels.scales.const_data_ptr<float>();
  const int64_t pieces = (positions + kPositions - 1) / kPositions;
  at::parallel_for(0, pieces, 1, [&](int64_t begin, int64_t end) {
    const at::Tensor left = at::empty({kPositions, channels / kPairDepth}, at::kInt);
    const at::Tensor row_scales = at::empty({kPositions}, at::kFloat);
    const at::Tensor product = at::empty({kPositions, kPanelColumns}, at::kFloat);
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t first = piece * kPositions;
      const int64_t rows = std::min(kPositions, positions - first);
      cpu::rows_of_integers(from + first * channels, rows, channels, left.data_ptr<Pair>(),
                            row_scales.data_ptr<float>());
      for (int64_t column = 0; column < channels; column += kPanelColumns) {
        cpu::multiply_panel(left.const_data_ptr<Pair>(), row_scales.const_data_ptr<float>(), rows,
                            channels, integers + column * channels / kPairDepth, scales + column,
                            product.data_ptr<float>(), {});
        add_product(product.const_data_ptr<float>(), rows, channels, through_relu,
                    from + first * channels + column, to + first * channels + column);
      }
    }
  });
}

}  // namespace styletransfer::detail
