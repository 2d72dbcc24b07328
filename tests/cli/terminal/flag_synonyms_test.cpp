#include "cli/terminal/flag_synonyms.h"

#include <gtest/gtest.h>

namespace styletransfer::cli {
namespace {

const std::vector<std::string> kFlags{"--output",  "--overwrite",      "--iterations",
                                      "--content", "--content-weight", "--content-weight-mask",
                                      "--device",  "--colors"};

TEST(FlagSynonyms, PutsAWordOfOtherProgramsFirst) {
  EXPECT_EQ(did_you_mean("--out", kFlags), "; did you mean '--output'?");
  EXPECT_EQ(did_you_mean("--steps", kFlags), "; did you mean '--iterations'?");
  EXPECT_EQ(did_you_mean("--gpu", kFlags), "; did you mean '--device cuda'?");
  EXPECT_EQ(did_you_mean("gpu", {"auto", "cpu", "cuda"}), "; did you mean 'cuda'?");
  EXPECT_EQ(did_you_mean("GPU", {"auto", "cpu", "cuda"}), "; did you mean 'cuda'?");
}

TEST(FlagSynonyms, IgnoresASynonymWhoseMeaningIsUnknownThere) {
  EXPECT_EQ(did_you_mean("gpu", {"auto", "cpu"}), "; did you mean 'cpu'?");
  EXPECT_EQ(did_you_mean("--lr", kFlags), "");
}

}  // namespace
}  // namespace styletransfer::cli
