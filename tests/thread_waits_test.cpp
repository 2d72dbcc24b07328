#include "cli/thread_waits.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace styletransfer::cli {
namespace {

// A test that starts anew would run once more and be reported twice; these return.

TEST(ThreadWaits, TheUsersSettingStands) {
  std::array<std::string, 3> words{"styletransfer", "--content", "photo.jpg"};
  std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  for (std::string setting : {"OMP_WAIT_POLICY=active", "GOMP_SPINCOUNT=5"}) {
    std::string other = "HOME=/";
    std::array<char*, 3> environment{other.data(), setting.data(), nullptr};
    shorten_waits_on_a_busy_machine(3, argv.data(), environment.data());
  }
}

TEST(ThreadWaits, OneWordIsAnsweredAtOnce) {
  std::array<std::string, 2> words{"styletransfer", "--help"};
  std::array<char*, 3> argv{words[0].data(), words[1].data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  shorten_waits_on_a_busy_machine(2, argv.data(), environment.data());
}

}  // namespace
}  // namespace styletransfer::cli
