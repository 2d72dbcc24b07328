#include "styletransfer/error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "styletransfer/stop_reason.h"

namespace styletransfer {
namespace {

TEST(OptionError, CarriesFieldValueAndBound) {
  const OptionError error("history", "0", "must be from 1 to 200 pairs",
                          "or use " + option("optimizer", "adam"));
  EXPECT_STREQ(error.what(), "history 0: must be from 1 to 200 pairs; or use optimizer adam");
  EXPECT_EQ(error.fields(), std::vector<std::string>{"history"});
  EXPECT_EQ(error.value(), "0");
  EXPECT_EQ(error.bound(), "must be from 1 to 200 pairs");
  EXPECT_EQ(error.hint().text(), "or use optimizer adam");
}

TEST(OptionError, NamesAllOptionsOfACombination) {
  const OptionError error({"passes", "pass"},
                          option("passes") + " and " + option("pass") + " exclude each other");
  EXPECT_STREQ(error.what(), "passes and pass exclude each other");
  EXPECT_EQ(error.fields(), (std::vector<std::string>{"passes", "pass"}));
  EXPECT_EQ(error.value(), "");
}

TEST(SizeError, SaysWhatFits) {
  SizeError::Facts facts{.asked_px = 4096,
                         .fitting_px = 1800,
                         .needed_bytes = 9'000'000'000,
                         .available_bytes = 2'000'000'000,
                         .reason = "needs about 9 GB but 2 GB may be used on cpu",
                         .remedy = "raise " + option("memory_limit")};
  EXPECT_STREQ(SizeError(facts).what(),
               "size 4096 needs about 9 GB but 2 GB may be used on cpu; size 1800 would fit (or "
               "raise memory_limit)");
  facts.fitting_px = 0;
  EXPECT_STREQ(SizeError(facts).what(),
               "size 4096 needs about 9 GB but 2 GB may be used on cpu; no size would fit: raise "
               "memory_limit");
  EXPECT_EQ(SizeError(facts).facts().needed_bytes, 9'000'000'000);
}

TEST(Error, KeepsItsMarksWhenItIsWrapped) {
  const UsageError inner("add " + option("overwrite"));
  const UsageError outer("a.png: " + inner.message());
  EXPECT_STREQ(outer.what(), "a.png: add overwrite");
  EXPECT_EQ(outer.message().text(
                [](const std::string& field, const std::string&) { return "--" + field; }),
            "a.png: add --overwrite");
}

TEST(StopReason, HasANameThatLeadsBack) {
  for (int i = 0; i <= static_cast<int>(StopReason::kOutOfMemory); ++i) {
    const auto reason = static_cast<StopReason>(i);
    EXPECT_FALSE(name_of(reason).empty()) << i;
    EXPECT_EQ(stop_reason_named(name_of(reason)), reason);
  }
  EXPECT_EQ(stop_reason_named("running"), std::nullopt);
  // Checkpoints hold the numbers.
  EXPECT_EQ(static_cast<int>(StopReason::kTimeLimit), 3);
}

}  // namespace
}  // namespace styletransfer
