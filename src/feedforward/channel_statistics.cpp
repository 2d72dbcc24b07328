#include "feedforward/channel_statistics.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>

namespace styletransfer::detail {
namespace {

/// Adds `count` rows of `channels` values to sums and squares. A few rows are summed in float
/// before they are added to the doubles, which keeps the inner loop vectorized.
void add_rows(const float* values, std::int64_t count, std::int64_t channels, const float* shift,
              double* sums, double* squares) {
  constexpr std::int64_t kBlock = 16;
  std::vector<float> block_sums(static_cast<std::size_t>(channels));
  std::vector<float> block_squares(static_cast<std::size_t>(channels));
  for (std::int64_t first = 0; first < count; first += kBlock) {
    std::fill(block_sums.begin(), block_sums.end(), 0.0F);
    std::fill(block_squares.begin(), block_squares.end(), 0.0F);
    const std::int64_t last = std::min(count, first + kBlock);
    for (std::int64_t row = first; row < last; ++row) {
      const float* value = values + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float off = value[c] - shift[c];
        block_sums[static_cast<std::size_t>(c)] += off;
        block_squares[static_cast<std::size_t>(c)] += off * off;
      }
    }
    for (std::int64_t c = 0; c < channels; ++c) {
      sums[c] += static_cast<double>(block_sums[static_cast<std::size_t>(c)]);
      squares[c] += static_cast<double>(block_squares[static_cast<std::size_t>(c)]);
    }
  }
}

/// In: [1, c, h, w] float32 on the CPU, channels last.
void add_on_cpu(const at::Tensor& rows, const at::Tensor& shift, at::Tensor& sums,
                at::Tensor& squares) {
  const std::int64_t channels = rows.size(1);
  const std::int64_t positions = rows.size(2) * rows.size(3);
  constexpr std::int64_t kMinWork = 1 << 15;
  std::mutex gate;
  at::parallel_for(0, positions, std::max<std::int64_t>(1, kMinWork / channels),
                   [&](std::int64_t first, std::int64_t last) {
                     std::vector<double> own(static_cast<std::size_t>(2 * channels), 0.0);
                     add_rows(rows.const_data_ptr<float>() + first * channels, last - first,
                              channels, shift.const_data_ptr<float>(), own.data(),
                              own.data() + channels);
                     const std::lock_guard lock(gate);
                     for (std::int64_t c = 0; c < channels; ++c) {
                       sums.data_ptr<double>()[c] += own[static_cast<std::size_t>(c)];
                       squares.data_ptr<double>()[c] += own[static_cast<std::size_t>(channels + c)];
                     }
                   });
}

}  // namespace

ChannelStatistics::ChannelStatistics(std::int64_t channels)
    : sums_(at::zeros({channels}, at::kDouble)), squares_(at::zeros({channels}, at::kDouble)) {}

void ChannelStatistics::add(const at::Tensor& rows) {
  const at::Tensor values = rows.to(at::kFloat);
  if (!shift_.defined()) shift_ = values.mean({0, 2, 3}).to(at::kCPU);
  count_ += values.size(2) * values.size(3);
  if (values.device().is_cpu()) {
    add_on_cpu(values.contiguous(at::MemoryFormat::ChannelsLast), shift_, sums_, squares_);
    return;
  }
  const at::Tensor off = (values - shift_.to(values.device()).view({1, -1, 1, 1})).to(at::kDouble);
  sums_.add_(off.sum({0, 2, 3}).cpu());
  squares_.add_((off * off).sum({0, 2, 3}).cpu());
}

at::Tensor ChannelStatistics::mean() const {
  return (shift_.to(at::kDouble) + sums_ / static_cast<double>(count_)).to(at::kFloat);
}

at::Tensor ChannelStatistics::variance() const {
  const at::Tensor off = sums_ / static_cast<double>(count_);
  return (squares_ / static_cast<double>(count_) - off * off).clamp_min(0.0).to(at::kFloat);
}

}  // namespace styletransfer::detail
