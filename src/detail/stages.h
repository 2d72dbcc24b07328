// A network as the sweeps see it: stages of convolutions between poolings, and strips of their
// rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detail/convolution.h"
#include "detail/kernels.h"
#include "detail/pixel_convolution.h"
#include "detail/rows.h"
#include "styletransfer/features.h"

namespace styletransfer {
namespace detail {

/// One convolution and the ReLU after it.
struct Step {
  std::string conv_name;
  std::string relu_name;  // empty: no ReLU follows
  std::optional<Convolution> conv;
  /// Set for the first convolution where the processor has a faster form for it.
  std::optional<PixelConvolution> pixel_conv;
  /// Someone looks at the convolution's own output, so the ReLU cannot be folded into it.
  bool conv_is_tapped = false;
  /// Someone may look at the ReLU's output.
  bool relu_is_tapped = false;

  [[nodiscard]] bool has_relu() const { return !relu_name.empty(); }
};

/// The layers between two poolings. Rows of a step's output depend on rows of its input at most one
/// away.
struct Stage {
  std::vector<Step> steps;
  std::string pool_name;  // empty: the network ends here

  [[nodiscard]] bool has_pool() const { return !pool_name.empty(); }
  /// Its last convolution can pool what it gives at once, where nobody looks at that.
  [[nodiscard]] bool can_pool_on_the_way() const {
    const Step& last = steps.back();
    return has_pool() && last.has_relu() && !last.conv_is_tapped && !last.pixel_conv &&
           last.conv->forward_on_tiles() != nullptr;
  }
};

/// Rows 0 .. rows - 1 cut into strips of `strip_rows`, made even so that no pooling cell is cut.
[[nodiscard]] std::vector<Rows> cut_into_strips(int64_t rows, int64_t strip_rows);

}  // namespace detail

struct FeatureNetwork::Layers {
  std::vector<detail::Stage> stages;
  detail::PoolKind pool_kind = detail::PoolKind::kMax;
  c10::Device device{c10::kCPU};
  c10::ScalarType dtype = c10::kFloat;
  /// Products of float32 features may be of 16-bit integers.
  bool multiplies_int16 = false;
  /// mean / scale of the network's input convention, in R, G, B order: [3].
  at::Tensor input_offset;

  /// Pixels, and therefore the first convolution, need more digits than bfloat16 has: steps of
  /// less than half of 1/255 would vanish.
  [[nodiscard]] c10::ScalarType pixel_dtype() const {
    return dtype == c10::kDouble ? c10::kDouble : c10::kFloat;
  }
};

}  // namespace styletransfer
