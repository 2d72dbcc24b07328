// Random numbers that are the same on every run, and measures of how far two tensors lie apart.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace styletransfer {

/// Standard normal numbers.
[[nodiscard]] at::Tensor random_normal(at::IntArrayRef shape, std::uint64_t seed,
                                       c10::ScalarType dtype = c10::kFloat);

/// [height, width, 3], evenly spread over 0..1.
[[nodiscard]] at::Tensor random_picture(std::int64_t height, std::int64_t width, std::uint64_t seed,
                                        c10::ScalarType dtype = c10::kFloat);

/// Largest difference of two elements, over the largest element of `wanted` (0 for equal tensors).
/// Infinite where shapes differ or a number is not finite.
[[nodiscard]] double relative_error(const at::Tensor& got, const at::Tensor& wanted);

/// Slope of `function` at x along `direction` by central differences; x and direction float64.
[[nodiscard]] double slope_along(const std::function<double(const at::Tensor&)>& function,
                                 const at::Tensor& x, const at::Tensor& direction,
                                 double step = 1e-6);

}  // namespace styletransfer
