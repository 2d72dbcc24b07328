#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "cli/args/values.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

std::int64_t bytes(const std::string& text) { return parse_memory_size("--memory-limit", text); }

TEST(ParseMemorySize, KnowsPowersOf1024And1000) {
  EXPECT_EQ(bytes("600M"), std::int64_t{600} << 20);
  EXPECT_EQ(bytes("600MiB"), std::int64_t{600} << 20);
  EXPECT_EQ(bytes("600MB"), 600'000'000);
  EXPECT_EQ(bytes("12G"), std::int64_t{12} << 30);
  EXPECT_EQ(bytes("12GiB"), std::int64_t{12} << 30);
  EXPECT_EQ(bytes("12GB"), 12'000'000'000);
  EXPECT_EQ(bytes("1T"), std::int64_t{1} << 40);
  EXPECT_EQ(bytes("2048K"), std::int64_t{2} << 20);
}

TEST(ParseMemorySize, TakesAnyCaseAndABlankBeforeTheUnit) {
  EXPECT_EQ(bytes("600m"), bytes("600M"));
  EXPECT_EQ(bytes("12gb"), bytes("12GB"));
  EXPECT_EQ(bytes("12gib"), bytes("12GiB"));
  EXPECT_EQ(bytes("1.5 GB"), 1'500'000'000);
}

TEST(ParseMemorySize, RefusesWhatIsNoSize) {
  for (const std::string text : {"", "600", "GB", "lotsG", "6 ", "6X", "6Gi", "6GBs", "6BG",
                                 "1.2.3G", "-6G", "+6G", "nanG", "6e3M", "0G", "1K", "9999999T"}) {
    EXPECT_THROW(static_cast<void>(bytes(text)), UsageError) << text;
  }
}

}  // namespace
}  // namespace styletransfer::cli
