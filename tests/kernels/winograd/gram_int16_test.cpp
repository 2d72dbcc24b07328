#include "kernels/winograd/gram_int16.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

struct Case {
  Case(int64_t positions, int64_t channels)
      : features(at::relu(random_normal({positions, channels}, 1, at::kFloat))),
        gradient(random_normal({positions, channels}, 2, at::kFloat)),
        factor(random_normal({channels, channels}, 3, at::kFloat)) {
    factor = factor + factor.t();
  }
  [[nodiscard]] at::Tensor exact() const {
    return gradient.to(at::kDouble) + at::mm(features.to(at::kDouble), factor.to(at::kDouble));
  }
  [[nodiscard]] at::Tensor in_int16(bool through_relu) const {
    at::Tensor result = gradient.clone();
    add_gram_gradient_in_int16_(result, features, factor, through_relu);
    return result;
  }

  at::Tensor features;
  at::Tensor gradient;
  at::Tensor factor;
};

TEST(GramInt16, AddTheFeaturesTimesTheFactor) {
  for (const int64_t channels : {32, 64, 160, 512}) {
    for (const int64_t positions : {1, 55, 56, 57, 300}) {
      SCOPED_TRACE(std::to_string(positions) + " of " + std::to_string(channels));
      const Case with(positions, channels);
      EXPECT_LT(relative_error(with.in_int16(false), with.exact()), 1e-3);
    }
  }
}

TEST(GramInt16, StopTheGradientWhereTheReluDoes) {
  const Case with(100, 64);
  const at::Tensor passed = with.exact() * with.features.gt(0);
  const at::Tensor got = with.in_int16(true);
  EXPECT_LT(relative_error(got, passed), 1e-3);
  EXPECT_TRUE(at::equal(got.eq(0), with.features.eq(0)));
}

TEST(GramInt16, PassOnWhatIsNotFinite) {
  Case with(60, 64);
  with.features[7][3] = INFINITY;
  EXPECT_FALSE(with.in_int16(false)[7].isfinite().any().item<bool>());
  EXPECT_TRUE(with.in_int16(false)[8].isfinite().all().item<bool>());
}

TEST(GramInt16, AreForFloatsOfWholePanels) {
  EXPECT_TRUE(gram_int16_usable(at::empty({4, 4, 64}, at::kFloat)));
  EXPECT_FALSE(gram_int16_usable(at::empty({4, 4, 64}, at::kDouble)));
  EXPECT_FALSE(gram_int16_usable(at::empty({4, 4, 8}, at::kFloat)));
}

}  // namespace
}  // namespace styletransfer::detail
