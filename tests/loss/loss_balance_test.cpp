#include "loss/loss_balance.h"

#include <gtest/gtest.h>

namespace styletransfer::detail {
namespace {

TEST(TotalVariationAdvice, ComesWhenItIsMoreThanHalfOfTheLoss) {
  EXPECT_FALSE(total_variation_advice({{"content relu4_2", 1.0}, {"total variation", 0.9}}));
  const auto advice = total_variation_advice({{"content relu4_2", 1.0}, {"total variation", 3.0}});
  ASSERT_TRUE(advice);
  EXPECT_NE(advice->text().find("75 %"), std::string::npos) << advice->text();
  EXPECT_NE(advice->text().find("tv_weight"), std::string::npos);
}

TEST(TotalVariationAdvice, BlamesTheNetworkWhereItsTermsAreNothing) {
  const auto advice = total_variation_advice({{"content relu4_2", 0.0}, {"total variation", 3.0}});
  ASSERT_TRUE(advice);
  EXPECT_NE(advice->text().find("model"), std::string::npos) << advice->text();
  EXPECT_EQ(advice->text().find("tv_weight"), std::string::npos) << advice->text();
  // Intended by the user: no feature term has a weight.
  const auto alone = total_variation_advice({{"total variation", 3.0}});
  ASSERT_TRUE(alone);
  EXPECT_NE(alone->text().find("tv_weight"), std::string::npos) << alone->text();
}

TEST(TotalVariationAdvice, IsSilentForALossOfNothing) {
  EXPECT_FALSE(total_variation_advice({}));
  EXPECT_FALSE(total_variation_advice({{"total variation", 0.0}}));
}

}  // namespace
}  // namespace styletransfer::detail
