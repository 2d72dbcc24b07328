#include "detail/gaussian_transport.h"

#include <ATen/ATen.h>

#include <algorithm>
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
  // Directions that the target does not have stay out: there R is as small as the root is.
  const double least = 1e-12 * std::max(roots.max().item<double>(), 1e-300);
  const at::Tensor inverse = roots.clamp_min(least).reciprocal();
  GaussianTransport result;
  result.map = at::mm(at::mm(to_root, with_eigenvalues(vectors, inverse)), to_root);
  const double traces = from.trace().item<double>() + to_root.square().sum().item<double>();
  result.squared_distance = std::max(0.0, traces - 2.0 * roots.sum().item<double>());
  return result;
}

}  // namespace styletransfer::detail
