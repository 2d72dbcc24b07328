#include "cli/terminal/failure.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <system_error>

#include "cli/terminal/exit_codes.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

void expect_failure(const std::exception& error, const std::string& part) {
  const Failure failure = failure_of(error);
  EXPECT_EQ(failure.exit_code, kExitFailed);
  EXPECT_NE(failure.message.find(part), std::string::npos) << failure.message;
  EXPECT_EQ(failure.message.find("unexpected"), std::string::npos) << failure.message;
}

TEST(Failure, TellsWhatTheSystemRanOutOf) {
  expect_failure(std::system_error(EAGAIN, std::generic_category()),
                 "1 more thread cannot be started");
  expect_failure(std::system_error(ENOMEM, std::generic_category()), "out of memory");
  expect_failure(std::system_error(EMFILE, std::generic_category()), "`ulimit -n`");
  expect_failure(std::runtime_error("could not create a primitive"), "out of memory");
}

TEST(Failure, NamesOptionsAsFlags) {
  const Failure failure = failure_of(
      OptionError({"size"}, "lower " + option("size", "300") + " or " + option("memory_limit")));
  EXPECT_EQ(failure.exit_code, kExitUsage);
  EXPECT_EQ(failure.message, "lower --size 300 or --memory-limit");
}

TEST(Failure, IsUnexpectedOtherwise) {
  const Failure failure = failure_of(std::runtime_error("odd"));
  EXPECT_EQ(failure.message, "unexpected failure: odd");
}

}  // namespace
}  // namespace styletransfer::cli
