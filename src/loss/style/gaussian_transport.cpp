#include "loss/style/gaussian_transport.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace styletransfer::detail {
namespace {

at::Tensor with_eigenvalues(const at::Tensor& vectors, const at::Tensor& values) {
  return at::mm(vectors * values, vectors.t());
}

}  // namespace

at::Tensor symmetric_root(const at::Tensor& matrix) {
  const auto [values, vectors] = at::linalg_eigh(matrix);
  return with_eigenvalues(vectors, values.clamp_min(0.0).sqrt());
}

GaussianTransport gaussian_transport(const at::Tensor& from, const at::Tensor& to_root) {
  const auto [values, vectors] = at::linalg_eigh(at::mm(at::mm(to_root, from), to_root));
  const at::Tensor roots = values.clamp_min(0.0).sqrt();
  // Clamps roots of directions in which the target has no variance. R is just as small there, so
  // they do not contribute to the map.
  const double min = 1e-12 * std::max(roots.max().item<double>(), 1e-300);
  const at::Tensor inverse = roots.clamp_min(min).reciprocal();
  GaussianTransport result;
  result.map = at::mm(at::mm(to_root, with_eigenvalues(vectors, inverse)), to_root);
  const double traces = from.trace().item<double>() + to_root.square().sum().item<double>();
  result.squared_distance = std::max(0.0, traces - 2.0 * roots.sum().item<double>());
  return result;
}

QueuedTransport gaussian_transport_by_products(const at::Tensor& from, const at::Tensor& to_root) {
  // Each iteration multiplies eigenvalues near 0 by 9/4 until they are near 1 (1e-12 takes 34); the
  // remaining ones converge quadratically.
  constexpr int kRounds = 42;
  const at::Tensor product = at::mm(at::mm(to_root, from), to_root);
  const at::Tensor size = product.norm().clamp_min(std::numeric_limits<double>::min());
  const at::Tensor identity = at::eye(from.size(0), from.options());
  at::Tensor root = product / size;
  at::Tensor inverse = identity;
  for (int round = 0; round < kRounds; ++round) {
    const at::Tensor correction = at::addmm(identity, inverse, root, 1.5, -0.5);
    root = at::mm(root, correction);
    inverse = at::mm(correction, inverse);
  }
  const at::Tensor scale = size.sqrt();
  QueuedTransport result;
  result.map = at::mm(at::mm(to_root, inverse / scale), to_root);
  const at::Tensor flat = to_root.flatten();
  result.squared_distance =
      (from.trace() + at::dot(flat, flat)).sub_(root.trace() * scale, 2.0).clamp_min_(0.0);
  return result;
}

}  // namespace styletransfer::detail
