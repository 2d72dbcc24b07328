#include "loss/style/gaussian_transport.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <tuple>

#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

at::Tensor random_covariance(int64_t size, std::uint64_t seed) {
  const at::Tensor samples = random_normal({3 * size, size}, seed, at::kDouble);
  return at::mm(samples.t(), samples) / static_cast<double>(3 * size);
}

TEST(SymmetricRoot, SquaresToItsMatrix) {
  const at::Tensor matrix = random_covariance(6, 1);
  const at::Tensor root = symmetric_root(matrix);
  EXPECT_LT(relative_error(at::mm(root, root), matrix), 1e-12);
  EXPECT_LT(relative_error(root.t(), root), 1e-12);
}

TEST(GaussianTransport, CarriesOneCovarianceToTheOther) {
  const at::Tensor from = random_covariance(6, 2);
  const at::Tensor to = random_covariance(6, 3);
  const at::Tensor map = gaussian_transport(from, symmetric_root(to)).map;
  EXPECT_LT(relative_error(at::mm(at::mm(map, from), map), to), 1e-9);
  EXPECT_LT(relative_error(map.t(), map), 1e-12);
}

TEST(GaussianTransport, LeavesEqualCovariancesAlone) {
  const at::Tensor matrix = random_covariance(6, 4);
  const GaussianTransport transport = gaussian_transport(matrix, symmetric_root(matrix));
  EXPECT_LT(relative_error(transport.map, at::eye(6, at::kDouble)), 1e-9);
  EXPECT_NEAR(transport.squared_distance, 0.0, 1e-12);
}

TEST(GaussianTransport, DistanceIsThatOfTheStandardDeviationsWhereAxesAgree) {
  const at::Tensor from = at::tensor({4.0, 9.0, 0.25}, at::kDouble).diag();
  const at::Tensor to = at::tensor({1.0, 16.0, 0.25}, at::kDouble).diag();
  EXPECT_NEAR(gaussian_transport(from, symmetric_root(to)).squared_distance, 1.0 + 1.0, 1e-12);
}

TEST(GaussianTransport, StaysFiniteTowardsATargetWithoutSpreadInSomeDirection) {
  const at::Tensor to = at::tensor({1.0, 0.0, 0.0}, at::kDouble).diag();
  const GaussianTransport transport =
      gaussian_transport(random_covariance(3, 5), symmetric_root(to));
  EXPECT_TRUE(transport.map.isfinite().all().item<bool>());
}

TEST(GaussianTransportByProducts, EqualsTheOneByEigenvalues) {
  for (const double smallest : {1.0, 1e-2, 1e-3}) {
    SCOPED_TRACE(smallest);
    const at::Tensor spread = at::logspace(std::log10(smallest), 0.0, 24, 10.0, at::kDouble);
    const auto stretched = [&](std::uint64_t seed) {
      const at::Tensor axes =
          std::get<0>(at::linalg_qr(random_normal({24, 24}, seed, at::kDouble)));
      return at::mm(axes * spread, axes.t());
    };
    const at::Tensor from = stretched(6) * 7.0;
    const at::Tensor root = symmetric_root(stretched(7));
    const GaussianTransport wanted = gaussian_transport(from, root);
    const QueuedTransport got = gaussian_transport_by_products(from, root);
    EXPECT_LT(relative_error(got.map, wanted.map), 1e-8);
    EXPECT_NEAR(got.squared_distance.item<double>() / wanted.squared_distance, 1.0, 1e-8);
  }
}

}  // namespace
}  // namespace styletransfer::detail
