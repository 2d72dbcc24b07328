// Mean and variance of each channel over an image that arrives in strips.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace styletransfer::detail {

class ChannelStatistics {
 public:
  explicit ChannelStatistics(std::int64_t channels);

  /// rows: [1, channels, h, w], float32 or bfloat16, any device and memory format. Sums are
  /// float64.
  void add(const at::Tensor& rows);

  /// [channels] float32 on the CPU; the variance is biased (divided by the number of values).
  [[nodiscard]] at::Tensor mean() const;
  [[nodiscard]] at::Tensor variance() const;

 private:
  std::int64_t count_ = 0;
  /// Subtracted from all values before they are summed: the mean of the first strip, so that the
  /// squares do not lose precision when the mean is far from 0.
  at::Tensor shift_;
  at::Tensor sums_;
  at::Tensor squares_;
};

}  // namespace styletransfer::detail
