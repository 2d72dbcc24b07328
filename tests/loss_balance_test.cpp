#include "detail/loss_balance.h"

#include <gtest/gtest.h>

namespace styletransfer::detail {
namespace {

TEST(SmoothnessAdvice, ComesWhenMoreThanHalfOfTheLossIsSmoothness) {
  EXPECT_FALSE(smoothness_advice({{"content relu4_2", 1.0}, {"smoothness", 0.9}}));
  const auto advice = smoothness_advice({{"content relu4_2", 1.0}, {"smoothness", 3.0}});
  ASSERT_TRUE(advice);
  EXPECT_NE(advice->find("75 %"), std::string::npos) << *advice;
  EXPECT_NE(advice->find("--tv-weight"), std::string::npos);
}

TEST(SmoothnessAdvice, IsSilentForALossOfNothing) {
  EXPECT_FALSE(smoothness_advice({}));
  EXPECT_FALSE(smoothness_advice({{"smoothness", 0.0}}));
}

}  // namespace
}  // namespace styletransfer::detail
