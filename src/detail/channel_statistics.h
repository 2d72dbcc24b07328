// Mean and variance of each channel over a picture that comes in strips.
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

  /// [channels] float32 on the CPU; the variance is divided by the number of values.
  [[nodiscard]] at::Tensor mean() const;
  [[nodiscard]] at::Tensor variance() const;

 private:
  std::int64_t count_ = 0;
  /// What is taken off all values before they are summed: the first strip's mean, so that the
  /// squares lose nothing where the mean is far from 0.
  at::Tensor shift_;
  at::Tensor sums_;
  at::Tensor squares_;
};

}  // namespace styletransfer::detail
