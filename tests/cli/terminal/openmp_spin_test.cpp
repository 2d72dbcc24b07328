#include "cli/terminal/openmp_spin.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace styletransfer::cli {
namespace {

constexpr double kBusy = 1.5;
constexpr int kCommand = 3;  // styletransfer --content photo.jpg

bool wants(int argc, std::vector<std::string> variables, double load) {
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  return wants_short_spin(argc, environment.data(), load);
}

TEST(ThreadWaits, AreShortOnABusyMachine) {
  EXPECT_TRUE(wants(kCommand, {"HOME=/", "OMP_NUM_THREADS=2"}, kBusy));
  EXPECT_TRUE(wants(kCommand, {}, kBusy));
  EXPECT_FALSE(wants(kCommand, {"HOME=/"}, 0.1));
}

TEST(ThreadWaits, AreAsTheUserSetThem) {
  EXPECT_FALSE(wants(kCommand, {"HOME=/", "OMP_WAIT_POLICY=active"}, kBusy));
  EXPECT_FALSE(wants(kCommand, {"GOMP_SPINCOUNT=5"}, kBusy));
}

TEST(ThreadWaits, OneWordIsAnsweredAtOnce) { EXPECT_FALSE(wants(2, {"HOME=/"}, kBusy)); }

// The re-executed program has the setting that it would set, so it does not re-execute again.
TEST(ThreadWaits, StartAgainOnce) {
  EXPECT_FALSE(wants(kCommand, {"HOME=/", "GOMP_SPINCOUNT=10000"}, kBusy));
}

}  // namespace
}  // namespace styletransfer::cli
