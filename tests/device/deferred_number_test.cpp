#include "device/deferred_number.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

namespace styletransfer {
namespace {

TEST(DeferredNumber, IsKnownAtOnceOnTheProcessor) {
  const DeferredNumber number(at::scalar_tensor(0.25, at::kFloat));
  EXPECT_TRUE(number.is_known());
  EXPECT_EQ(number.get(), 0.25);
  EXPECT_EQ(DeferredNumber().get(), 0.0);
  EXPECT_EQ(DeferredNumber(3.5).get(), 3.5);
}

TEST(DeferredNumber, IsAWeightedSum) {
  DeferredNumber sum(at::scalar_tensor(3.0, at::kDouble));
  sum *= 2.0;
  sum += DeferredNumber(at::scalar_tensor(5.0, at::kFloat));
  sum += 1.0;
  sum /= 4.0;
  EXPECT_EQ(sum.get(), 3.0);
  sum += sum;
  EXPECT_EQ(sum.get(), 6.0);
}

TEST(ReadTogether, ReturnsTheElementsThatAreAskedForBeside) {
  const DeferredNumber number(at::scalar_tensor(3.0, at::kDouble));
  const at::Tensor values = at::arange(6, at::kFloat).view({2, 3});
  EXPECT_EQ(read_together({number}, values.t()), (std::vector<double>{0, 3, 1, 4, 2, 5}));
  EXPECT_TRUE(read_together({number}).empty());
}

}  // namespace
}  // namespace styletransfer
