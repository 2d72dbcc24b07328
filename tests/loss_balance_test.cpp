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

TEST(SmoothnessAdvice, BlamesTheNetworkWhereItsTermsAreNothing) {
  const auto advice = smoothness_advice({{"content relu4_2", 0.0}, {"smoothness", 3.0}});
  ASSERT_TRUE(advice);
  EXPECT_NE(advice->find("--model"), std::string::npos) << *advice;
  EXPECT_EQ(advice->find("--tv-weight"), std::string::npos) << *advice;
  // Asked for: no term of features has a weight.
  const auto alone = smoothness_advice({{"smoothness", 3.0}});
  ASSERT_TRUE(alone);
  EXPECT_NE(alone->find("--tv-weight"), std::string::npos) << *alone;
}

TEST(SmoothnessAdvice, IsSilentForALossOfNothing) {
  EXPECT_FALSE(smoothness_advice({}));
  EXPECT_FALSE(smoothness_advice({{"smoothness", 0.0}}));
}

}  // namespace
}  // namespace styletransfer::detail
