// How a feed-forward network takes an image and gives one back. No tensors.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "styletransfer/bounds.h"

namespace styletransfer {

/// Values of black and white in a network's input or output.
enum class ValueRange { k0To255, k0To1, kMinus1To1 };

/// Conversion of an image to a network's input and of its output to an image. Input channel c is
/// (value[c] - mean[c]) / stddev[c], with the value in the input range. The output is in the output
/// range, without mean and standard deviation.
struct NetworkConvention {
  ValueRange input_range = ValueRange::k0To1;
  ValueRange output_range = ValueRange::k0To1;
  /// Channels are B, G, R in input and output; mean and stddev are in that order as well.
  bool bgr = false;
  /// Width and height must be multiples of this.
  int multiple_of = 1;
  static constexpr Bounds<int> kMultipleOf{1, 4096, "pixels"};
  std::array<double, 3> mean{0.0, 0.0, 0.0};
  std::array<double, 3> stddev{1.0, 1.0, 1.0};
  static constexpr Bounds<double> kMean{-1e6, 1e6};
  static constexpr Bounds<double> kStddev{1e-6, 1e6};
};

/// The parts of a convention that a file's attributes or the command line specify; the rest is
/// unset.
struct ConventionClues {
  std::optional<ValueRange> input_range;
  std::optional<ValueRange> output_range;
  std::optional<bool> bgr;
  std::optional<int> multiple_of;
  std::optional<std::array<double, 3>> mean;
  std::optional<std::array<double, 3>> stddev;

  /// Merges both; fields set in `stronger` win.
  [[nodiscard]] ConventionClues overridden_by(const ConventionClues& stronger) const;
};

/// Conventions of known families: "pytorch-examples" (fast-neural-style of PyTorch's examples),
/// "cyclegan" (pytorch-CycleGAN-and-pix2pix). Throws UsageError for any other name.
[[nodiscard]] ConventionClues convention_of_family(const std::string& name);

}  // namespace styletransfer
