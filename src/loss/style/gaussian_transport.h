// Optimal transport between normal distributions with given covariances.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// Symmetric square root of a symmetric positive semidefinite matrix; eigenvalues that are negative
/// due to rounding count as zero. In: [n, n] float64 on the CPU.
[[nodiscard]] at::Tensor symmetric_root(const at::Tensor& matrix);

/// The optimal transport from N(0, from) to N(0, to).
struct GaussianTransport {
  /// T = R (R from R)^(-1/2) R with R = to^(1/2): symmetric, T from T = to, and of all maps with
  /// this property the one with the smallest mean squared displacement. Source: Olkin and
  /// Pukelsheim, "The distance between two random vectors with given dispersion matrices", 1982;
  /// also Dowson and Landau, 1982.
  at::Tensor map;
  /// tr(from) + tr(to) - 2 tr((R from R)^(1/2)), clamped at 0: the mean squared displacement
  /// (squared Wasserstein-2, or Bures, distance).
  double squared_distance = 0.0;
};

/// In: [n, n] float64 on the CPU, symmetric; `from` must be positive definite (add a small value to
/// its diagonal); to_root = symmetric_root(to).
[[nodiscard]] GaussianTransport gaussian_transport(const at::Tensor& from,
                                                   const at::Tensor& to_root);

/// GaussianTransport whose distance is still being computed on a device.
struct QueuedTransport {
  at::Tensor map;
  at::Tensor squared_distance;  // 0-dimensional
};

/// gaussian_transport by matrix products only, on any device and without waiting for it (an
/// eigendecomposition would wait). Accurate for a condition number of R from R up to 1e12. Source:
/// Higham, "Functions of Matrices", 2008, eq. 6.35 (the coupled Newton-Schulz iteration).
[[nodiscard]] QueuedTransport gaussian_transport_by_products(const at::Tensor& from,
                                                             const at::Tensor& to_root);

}  // namespace styletransfer::detail
