// Optimal transport between normal distributions, known by their covariances.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// The symmetric square root of a symmetric positive semidefinite matrix; what rounding made
/// negative counts as zero. In: [n, n] float64 on the CPU.
[[nodiscard]] at::Tensor symmetric_root(const at::Tensor& matrix);

/// What carrying N(0, from) to N(0, to) takes.
struct GaussianTransport {
  /// T = R (R from R)^(-1/2) R with R = to^(1/2): symmetric, T from T = to, and of all such maps
  /// the one that moves points least. Source: Olkin and Pukelsheim, "The distance between two
  /// random vectors with given dispersion matrices", 1982; also Dowson and Landau, 1982.
  at::Tensor map;
  /// tr(from) + tr(to) - 2 tr((R from R)^(1/2)), never below 0: the mean squared distance that
  /// points move (squared Wasserstein-2, or Bures, distance).
  double squared_distance = 0.0;
};

/// In: [n, n] float64 on the CPU, symmetric; `from` positive definite (add a little to its
/// diagonal), to_root = symmetric_root(to).
[[nodiscard]] GaussianTransport gaussian_transport(const at::Tensor& from,
                                                   const at::Tensor& to_root);

/// The same where eigenvalues cannot be had without waiting.
struct QueuedTransport {
  at::Tensor map;
  at::Tensor squared_distance;  // no dimensions
};

/// As gaussian_transport, by matrix products alone, on any device without waiting for it. Right for
/// a condition of R from R up to 1e12. Source: Higham, "Functions of Matrices", 2008, eq. 6.35 (the
/// coupled Newton-Schulz iteration).
[[nodiscard]] QueuedTransport gaussian_transport_by_products(const at::Tensor& from,
                                                             const at::Tensor& to_root);

}  // namespace styletransfer::detail
