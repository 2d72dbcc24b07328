// The kinds of row layers (row_layer.h), with their parameters.
#pragma once

#include <optional>
#include <string>

#include "feedforward/row_layer.h"

namespace styletransfer::detail {

/// Elementwise layer: activations, sums, fixed scales.
class PointwiseLayer : public RowLayer {
 public:
  PointwiseLayer(const TracedCall& call, std::vector<int> inputs);
  [[nodiscard]] at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const override;

 private:
  TracedCall call_;
};

/// Instance normalization with the statistics of the whole image.
class NormalizedLayer : public RowLayer {
 public:
  NormalizedLayer(int input, const at::Tensor& weight, const at::Tensor& bias, double epsilon);
  [[nodiscard]] at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const override;
  [[nodiscard]] bool needs_statistics() const override { return true; }
  void set_statistics(const at::Tensor& mean, const at::Tensor& variance) override;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double epsilon_;
  at::Tensor mean_;
  at::Tensor variance_;
};

/// Shape of a convolution, by axis: {rows, columns}.
struct ConvolutionShape {
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;
  std::vector<std::int64_t> dilation;
  /// Transposed convolutions only.
  std::vector<std::int64_t> output_padding;
  std::int64_t groups = 1;
};

/// Common base of convolutions and transposed convolutions.
class KernelLayer : public RowLayer {
 public:
  [[nodiscard]] Rows needed(Rows wanted, const Extent& input) const override;

 protected:
  KernelLayer(int input, at::Tensor weight, at::Tensor bias, ConvolutionShape shape);

  /// Input rows under the kernel, including rows beyond the input.
  [[nodiscard]] virtual Rows covered(Rows wanted) const = 0;
  /// Returns those rows, taken from `rows` (which are needed(wanted, input)), with zeros beyond the
  /// input.
  [[nodiscard]] at::Tensor under_kernel(const at::Tensor& rows, Rows wanted,
                                        const Extent& input) const;
  /// Extent of the dilated kernel in pixels.
  [[nodiscard]] std::int64_t reach(std::size_t axis) const;

  [[nodiscard]] const at::Tensor& weight() const { return weight_; }
  [[nodiscard]] const at::Tensor& bias() const { return bias_; }
  [[nodiscard]] const ConvolutionShape& shape() const { return shape_; }

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  ConvolutionShape shape_;
};

class ConvolvedLayer : public KernelLayer {
 public:
  ConvolvedLayer(int input, const at::Tensor& weight, at::Tensor bias, ConvolutionShape shape);
  [[nodiscard]] Extent extent(const Extent& input) const override;
  [[nodiscard]] at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const override;

 protected:
  [[nodiscard]] Rows covered(Rows wanted) const override;
};

class TransposedLayer : public KernelLayer {
 public:
  TransposedLayer(int input, at::Tensor weight, at::Tensor bias, ConvolutionShape shape);
  [[nodiscard]] Extent extent(const Extent& input) const override;
  [[nodiscard]] at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const override;

 protected:
  [[nodiscard]] Rows covered(Rows wanted) const override;
};

enum class PadMode { kReflect, kReplicate, kConstant };

class PaddedLayer : public RowLayer {
 public:
  /// sides: left, right, top, bottom; 0 or more.
  PaddedLayer(int input, std::vector<std::int64_t> sides, PadMode mode, double value)
      : RowLayer({input}), sides_(std::move(sides)), mode_(mode), value_(value) {}
  [[nodiscard]] Extent extent(const Extent& input) const override;
  [[nodiscard]] Rows needed(Rows wanted, const Extent& input) const override;
  [[nodiscard]] at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const override;

 private:
  /// Input row that output row `row` copies; outside the input only with kConstant.
  [[nodiscard]] std::int64_t source(std::int64_t row, std::int64_t height) const;
  [[nodiscard]] at::Tensor with_columns(const at::Tensor& rows) const;

  std::vector<std::int64_t> sides_;
  PadMode mode_;
  double value_;
};

/// Upsampling by an integer factor, nearest neighbor or bilinear (corners not aligned).
class EnlargedLayer : public RowLayer {
 public:
  EnlargedLayer(int input, std::int64_t scale, bool bilinear)
      : RowLayer({input}), scale_(scale), bilinear_(bilinear) {}
  [[nodiscard]] Extent extent(const Extent& input) const override;
  [[nodiscard]] Rows needed(Rows wanted, const Extent& input) const override;
  [[nodiscard]] at::Tensor run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const override;

 private:
  std::int64_t scale_;
  bool bilinear_;
};

}  // namespace styletransfer::detail
