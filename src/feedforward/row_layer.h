// Layers of a network that can compute some rows of their output from some rows of their input.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "feedforward/network_trace.h"
#include "kernels/row_range.h"

namespace styletransfer::detail {

/// Shape of a value: [1, channels, height, width].
struct Extent {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  [[nodiscard]] std::int64_t elements() const { return channels * height * width; }
};

class RowLayer {
 public:
  explicit RowLayer(std::vector<int> inputs) : inputs_(std::move(inputs)) {}
  virtual ~RowLayer() = default;
  RowLayer(const RowLayer&) = delete;
  RowLayer& operator=(const RowLayer&) = delete;

  /// The values it reads: one, or two of the same extent.
  [[nodiscard]] const std::vector<int>& inputs() const { return inputs_; }

  [[nodiscard]] virtual Extent extent(const Extent& input) const { return input; }

  /// Input rows that the output rows `wanted` depend on, clipped to the input.
  [[nodiscard]] virtual Rows needed(Rows wanted, const Extent& /*input*/) const { return wanted; }

  /// Computes the output rows `wanted` from the inputs' rows needed(wanted, input).
  [[nodiscard]] virtual at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                                       const Extent& input) const = 0;

  /// Returns true if the layer uses its input's mean and variance over the whole image, which
  /// set_statistics passes: one float32 value per channel.
  [[nodiscard]] virtual bool needs_statistics() const { return false; }
  virtual void set_statistics(const at::Tensor& /*mean*/, const at::Tensor& /*variance*/) {}

 private:
  std::vector<int> inputs_;
};

using RowLayers = std::vector<std::unique_ptr<RowLayer>>;

/// Builds the layers of a trace: layers[i] produces value i + 1. Throws UsageError, "has
/// aten::unfold", for operations that cannot be computed row by row.
[[nodiscard]] RowLayers row_layers(const NetworkTrace& trace);

}  // namespace styletransfer::detail
