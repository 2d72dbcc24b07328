#include "base/suggestions.h"

#include <gtest/gtest.h>

namespace styletransfer::detail {
namespace {

const std::vector<std::string> kFlags{"--output",  "--overwrite",      "--iterations",
                                      "--content", "--content-weight", "--content-weight-mask",
                                      "--device",  "--colors"};

TEST(DidYouMean, PutsAKnownMeaningFirst) {
  EXPECT_EQ(did_you_mean("--steps", kFlags, "--iterations"), "; did you mean '--iterations'?");
}

TEST(DidYouMean, ThenNamesThatBeginWithTheWord) {
  EXPECT_EQ(did_you_mean("--iter", kFlags), "; did you mean '--iterations'?");
  EXPECT_EQ(did_you_mean("--content-w", kFlags),
            "; did you mean '--content-weight' or '--content-weight-mask'?");
}

TEST(DidYouMean, ThenTheNearestName) {
  EXPECT_EQ(did_you_mean("--contnt", kFlags), "; did you mean '--content'?");
  EXPECT_EQ(did_you_mean("--zzz", kFlags), "");
}

TEST(DidYouMean, FindsNoResemblanceBetweenTwoCharacters) {
  EXPECT_EQ(did_you_mean("a7", {"a0", "a1", "b1"}), "");
}

}  // namespace
}  // namespace styletransfer::detail
