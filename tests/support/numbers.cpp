#include "support/numbers.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <limits>

namespace styletransfer {

at::Tensor random_normal(at::IntArrayRef shape, std::uint64_t seed, c10::ScalarType dtype) {
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  return at::randn(shape, generator, at::TensorOptions(at::kDouble)).to(dtype);
}

at::Tensor random_image(std::int64_t height, std::int64_t width, std::uint64_t seed,
                        c10::ScalarType dtype) {
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  return at::rand({height, width, 3}, generator, at::TensorOptions(at::kDouble)).to(dtype);
}

double relative_error(const at::Tensor& got, const at::Tensor& wanted) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (got.sizes() != wanted.sizes()) return kInfinite;
  const at::Tensor a = got.to(at::kCPU, at::kDouble);
  const at::Tensor b = wanted.to(at::kCPU, at::kDouble);
  if (!a.isfinite().all().item<bool>() || !b.isfinite().all().item<bool>()) return kInfinite;
  if (a.numel() == 0) return 0.0;
  const double difference = (a - b).abs().max().item<double>();
  return difference == 0.0 ? 0.0 : difference / b.abs().max().item<double>();
}

double slope_along(const std::function<double(const at::Tensor&)>& function, const at::Tensor& x,
                   const at::Tensor& direction, double step) {
  return (function(x + direction * step) - function(x - direction * step)) / (2.0 * step);
}

}  // namespace styletransfer
