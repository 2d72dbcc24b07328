// Prepared layers of a network: blocks of convolutions between poolings, and strips of their rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/amx/amx_first_layer.h"
#include "kernels/elementwise.h"
#include "kernels/row_range.h"
#include "vgg/convolution.h"
#include "vgg/features.h"

namespace styletransfer {
namespace detail {

/// A step: one convolution and the ReLU after it, if any.
struct ConvRelu {
  std::string conv_name;
  std::string relu_name;  // empty: no ReLU follows
  std::optional<Convolution> conv;
  /// Set for the first convolution if the processor has a specialized kernel for it.
  std::optional<AmxFirstLayer> pixel_conv;
  /// A hook may need the convolution's output, so the ReLU cannot be fused into it.
  bool conv_has_hook = false;
  /// A hook may need the ReLU's output.
  bool relu_has_hook = false;

  [[nodiscard]] bool has_relu() const { return !relu_name.empty(); }
};

/// The layers between two poolings, including the second one. A row of a step's output depends on
/// input rows at a distance of at most one.
struct Block {
  std::vector<ConvRelu> steps;
  std::string pool_name;  // empty: the prepared layers end before a pooling

  [[nodiscard]] bool has_pool() const { return !pool_name.empty(); }
  /// True if the last convolution can be fused with the pooling, when no hook needs its output.
  [[nodiscard]] bool can_fuse_pool() const {
    const ConvRelu& last = steps.back();
    return has_pool() && last.has_relu() && !last.conv_has_hook && !last.pixel_conv &&
           last.conv->forward_amx() != nullptr;
  }
};

/// Divides the rows 0 .. rows - 1 into strips of `strip_rows` rows, rounded up to an even number so
/// that no pooling cell is split.
[[nodiscard]] std::vector<Rows> cut_into_strips(int64_t rows, int64_t strip_rows);

}  // namespace detail

struct FeatureNetwork::Layers {
  std::vector<detail::Block> blocks;
  detail::PoolKind pool_kind = detail::PoolKind::kMax;
  c10::Device device{c10::kCPU};
  c10::ScalarType dtype = c10::kFloat;
  /// Products of float32 features may be computed in 16-bit integers.
  bool multiplies_int16 = false;
  /// mean / scale of the network's input convention, [3] in R, G, B order.
  at::Tensor input_offset;

  /// dtype of the pixels and of the first convolution: bfloat16 is not precise enough for them,
  /// since steps below half of 1/255 would vanish.
  [[nodiscard]] c10::ScalarType pixel_dtype() const {
    return dtype == c10::kDouble ? c10::kDouble : c10::kFloat;
  }
};

}  // namespace styletransfer
