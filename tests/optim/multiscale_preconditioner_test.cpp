#include "optim/multiscale_preconditioner.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

struct Shape {
  std::int64_t height;
  std::int64_t width;
};

// Even and odd sides, sides that become odd, more rows than one thread's share, and tiny images.
const std::vector<Shape> kShapes = {{16, 24}, {17, 23}, {22, 13}, {100, 7}, {2, 3}, {1, 5}, {1, 1}};

at::Tensor preconditioned(const at::Tensor& image) {
  at::Tensor result = at::empty_like(image);
  add_coarse_levels(image, 3, 2.0, result);
  return result;
}

double product(const at::Tensor& a, const at::Tensor& b) { return (a * b).sum().item<double>(); }

TEST(MultiscalePreconditioner, IsSymmetric) {
  for (const auto [height, width] : kShapes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor a = random_normal({height, width, 3}, 1, at::kDouble);
    const at::Tensor b = random_normal({height, width, 3}, 2, at::kDouble);
    const double wanted = product(preconditioned(a), b);
    EXPECT_NEAR(product(a, preconditioned(b)), wanted, 1e-12 * a.norm().item<double>() * 100.0);
  }
}

TEST(MultiscalePreconditioner, TakesNothingFromAnyImage) {
  for (const auto [height, width] : kShapes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor a = random_normal({height, width, 3}, 3, at::kDouble);
    EXPECT_GE(product(preconditioned(a), a), product(a, a) * (1.0 - 1e-12));
  }
}

TEST(MultiscalePreconditioner, TakesWhatAllPixelsAgreeOnForTheSumOfTheLevels) {
  const at::Tensor even = at::full({32, 48, 3}, 0.5, at::kDouble);
  EXPECT_LT(relative_error(preconditioned(even), even * (1.0 + 2.0 + 4.0 + 8.0)), 1e-12);
}

TEST(MultiscalePreconditioner, LeavesAFineCheckerboardNearlyAlone) {
  const at::Tensor sign = at::arange(64, at::kDouble).remainder(2.0).mul_(2.0).sub_(1.0);
  const at::Tensor board = at::outer(sign, sign).unsqueeze(2).expand({64, 64, 3}).contiguous();
  const at::Tensor inside = (preconditioned(board) - board).slice(0, 24, 40).slice(1, 24, 40);
  EXPECT_LT(inside.abs().max().item<double>(), 1e-12);
}

TEST(MultiscalePreconditioner, OwnLoopsEqualTheLibrarysInterpolation) {
  for (const auto [height, width] : kShapes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor a = random_normal({height, width, 3}, 4, at::kDouble);
    EXPECT_LT(relative_error(preconditioned(a.to(at::kFloat)), preconditioned(a)), 1e-6);
  }
}

TEST(MultiscalePreconditioner, PreconditionsFlatGradients) {
  const at::Tensor image = random_normal({9, 14, 3}, 5);
  at::Tensor result = at::empty({9 * 14 * 3});
  multiscale_preconditioner(9, 14)(image.flatten(), result);
  EXPECT_TRUE(at::equal(result.view_as(image), preconditioned(image)));
}

}  // namespace
}  // namespace styletransfer::detail
