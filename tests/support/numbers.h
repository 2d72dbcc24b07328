// Reproducible random numbers, and distances between tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace styletransfer {

/// Standard normal numbers.
[[nodiscard]] at::Tensor random_normal(at::IntArrayRef shape, std::uint64_t seed,
                                       c10::ScalarType dtype = c10::kFloat);

/// [height, width, 3], uniform over 0..1.
[[nodiscard]] at::Tensor random_image(std::int64_t height, std::int64_t width, std::uint64_t seed,
                                      c10::ScalarType dtype = c10::kFloat);

/// Largest difference of two elements, divided by the largest element of `wanted` (0 for equal
/// tensors). Infinite if shapes differ or a number is not finite.
[[nodiscard]] double relative_error(const at::Tensor& got, const at::Tensor& wanted);

/// Directional derivative of `function` at x along `direction` by central differences; x and
/// direction float64.
[[nodiscard]] double slope_along(const std::function<double(const at::Tensor&)>& function,
                                 const at::Tensor& x, const at::Tensor& direction,
                                 double step = 1e-6);

}  // namespace styletransfer
