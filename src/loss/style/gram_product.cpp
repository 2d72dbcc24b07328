#include "loss/style/gram_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "device/operators.h"
#include "kernels/amx/amx_gram.h"
#include "kernels/elementwise.h"

namespace styletransfer::detail {
namespace {

// LibTorch's bfloat16 product accumulates in float32 but rounds its result to bfloat16. Over many
// chunks these rounding errors average out: with n chunks the error is about 2^-9 / sqrt(n) of a
// chunk's share.
constexpr int64_t kChunkPositions = 1024;

at::Tensor product_in_chunks(const at::Tensor& features) {
  const int64_t positions = features.size(0);
  const int64_t channels = features.size(1);
  const int64_t chunks = positions / kChunkPositions;
  const int64_t even = chunks * kChunkPositions;
  at::Tensor sum = at::zeros({channels, channels}, features.options().dtype(at::kFloat));
  if (chunks > 0) {
    const at::Tensor stacked = features.narrow(0, 0, even).view({chunks, kChunkPositions, -1});
    sum.add_(at::bmm(stacked.transpose(1, 2), stacked).sum(0, false, at::kFloat));
  }
  if (even < positions) {
    const at::Tensor rest = features.narrow(0, even, positions - even);
    sum.add_(at::mm(rest.t(), rest));
  }
  return sum;
}

/// Multiplies the features of each position by its factor.
at::Tensor scaled_rows(const at::Tensor& features, const at::Tensor& factors) {
  return features * factors.to(features.scalar_type()).unsqueeze(1);
}

}  // namespace

at::Tensor gram_product(const at::Tensor& features, const at::Tensor& weights) {
  if (amx_gram_usable(features)) return amx_gram_product(features, weights);
  // F^T M F = (M^(1/2) F)^T (M^(1/2) F).
  const at::Tensor counted = weights.defined() ? scaled_rows(features, weights.sqrt()) : features;
  if (features.scalar_type() != at::kBFloat16) return at::mm(counted.t(), counted);
  if (const auto product = float32_gram_of_bfloat16(counted)) return *product;
  return product_in_chunks(counted);
}

DeferredNumber scaled_difference(const at::Tensor& gram, const at::Tensor& target, double factor,
                                 at::Tensor& scaled) {
  if (!gram.is_cpu()) {
    const at::Tensor difference = gram - target;
    at::mul_out(scaled, difference, at::scalar_tensor(factor, at::kDouble));
    const at::Tensor flat = difference.flatten();
    DeferredNumber mean(at::dot(flat, flat));
    mean /= static_cast<double>(gram.numel());
    return mean;
  }
  if (scaled.scalar_type() != at::kBFloat16) {
    const at::Tensor difference = gram - target;
    scaled = (difference * factor).to(scaled.scalar_type());
    return difference.square().mean().item<double>();
  }
  // bfloat16 factor on the CPU: one pass over memory. Each row has 16 partial sums, which
  // vectorize; rows are added in order, so the result does not depend on the number of threads.
  constexpr int64_t kLanes = 16;
  const int64_t channels = gram.size(0);
  const double* from = gram.data_ptr<double>();
  const double* wanted = target.data_ptr<double>();
  auto* to = scaled.data_ptr<at::BFloat16>();
  std::vector<double> partial(static_cast<size_t>(channels));
  at::parallel_for(0, channels, 32, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      double sums[kLanes] = {};
      for (int64_t first = 0; first < channels; first += kLanes) {
        const int64_t lanes = std::min(kLanes, channels - first);
        for (int64_t lane = 0; lane < lanes; ++lane) {
          const int64_t i = row * channels + first + lane;
          const double difference = from[i] - wanted[i];
          sums[lane] += difference * difference;
          to[i] = static_cast<float>(factor * difference);
        }
      }
      partial[static_cast<size_t>(row)] = std::accumulate(sums, sums + kLanes, 0.0);
    }
  });
  return std::accumulate(partial.begin(), partial.end(), 0.0) / static_cast<double>(gram.numel());
}

void add_gram_gradient_(at::Tensor& gradient, const at::Tensor& features, const at::Tensor& factor,
                        bool through_relu, const at::Tensor& weights) {
  if (amx_gram_usable(features) && gradient.is_contiguous()) {
    add_amx_gram_gradient_(gradient, features, factor, through_relu, weights);
    return;
  }
  gradient.addmm_(weights.defined() ? scaled_rows(features, weights) : features, factor);
  if (through_relu) relu_backward_(gradient, features);
}

}  // namespace styletransfer::detail
