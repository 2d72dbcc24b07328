#include "styletransfer/bounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

constexpr Bounds<int> kPairs{1, 200, "pairs"};
constexpr Bounds<int> kSide{32, 2048, "pixels", 4};
constexpr Bounds<double> kWeight{0.0};

std::string refusal(double value) {
  try {
    require_within("weight", value, kWeight);
  } catch (const OptionError& error) {
    return error.what();
  }
  return "taken";
}

TEST(Bounds, ContainTheirEnds) {
  EXPECT_FALSE(kPairs.contain(0));
  EXPECT_TRUE(kPairs.contain(1));
  EXPECT_TRUE(kPairs.contain(200));
  EXPECT_FALSE(kPairs.contain(201));
}

TEST(Bounds, ContainOnlyMultiples) {
  EXPECT_TRUE(kSide.contain(36));
  EXPECT_FALSE(kSide.contain(34));
}

TEST(Bounds, ContainNoNanAndNoInfinity) {
  EXPECT_EQ(refusal(0.0), "taken");
  EXPECT_EQ(refusal(1e300), "taken");
  EXPECT_EQ(refusal(-2.5), "weight -2.5: must be 0 or more");
  EXPECT_NE(refusal(std::numeric_limits<double>::infinity()), "taken");
  EXPECT_NE(refusal(std::nan("")), "taken");
}

TEST(Bounds, AreWordedForPeople) {
  EXPECT_EQ(text_of(kPairs), "1 to 200 pairs");
  EXPECT_EQ(text_of(kWeight), "0 or more");
  EXPECT_EQ(text_of(kSide), "32 to 2048 pixels, a multiple of 4");
  EXPECT_EQ(must_be(kPairs), "must be from 1 to 200 pairs");
  EXPECT_EQ(text_of(Bounds<double>{1e-6, 10.0}), "1e-06 to 10");
  EXPECT_EQ(number_text(100000.0), "1e+05");
}

}  // namespace
}  // namespace styletransfer
