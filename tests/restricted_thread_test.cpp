#include "detail/restricted_thread.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "detail/arena.h"
#include "detail/out_of_memory.h"
#include "detail/script_check.h"
#include "support/script_network.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;

/// A path in the temporary folder, of no file; a file there is removed at the end.
class NewFile {
 public:
  NewFile()
      : path_(fs::temp_directory_path() / ("styletransfer_new_" + std::to_string(::getpid()))) {}
  ~NewFile() { fs::remove(path_); }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  fs::path path_;
};

/// The descriptor, closed again, or -1.
int opened(const char* path, int flags) {
  const int descriptor = ::open(path, flags | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor;
}

bool writes_on(RestrictedThread& thread, const char* path) {
  std::atomic<bool> wrote = false;
  thread.run([&] { wrote = opened(path, O_WRONLY | O_CREAT) >= 0; }, {});
  return wrote;
}

TEST(RestrictedThread, RunsWorkAndThrowsWhatItThrows) {
  RestrictedThread thread({});
  int value = 0;
  thread.run([&] { value = 7; }, {});
  EXPECT_EQ(value, 7);
  EXPECT_THROW(thread.run([] { throw std::runtime_error("no"); }, {}), std::runtime_error);
}

TEST(RestrictedThread, ComputesAsOtherThreadsDo) {
  RestrictedThread thread({});
  const at::Tensor weight = at::rand({16, 3, 3, 3});
  const at::Tensor input = at::rand({1, 3, 64, 64});
  at::Tensor output;
  thread.run([&] { output = at::conv2d(input, weight); }, {});
  EXPECT_TRUE(at::equal(output, at::conv2d(input, weight)));
}

TEST(RestrictedThread, LandlockDeniesFiles) {
  const NewFile file;
  RestrictedThread thread({0, true, false});
  if (thread.protection().empty()) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_FALSE(writes_on(thread, file.path()));
  std::atomic<bool> read = true;
  thread.run([&] { read = opened("/etc/passwd", O_RDONLY) >= 0; }, {});
  EXPECT_FALSE(read);
  // Only that thread.
  EXPECT_GE(opened(file.path(), O_WRONLY | O_CREAT), 0);
}

TEST(RestrictedThread, TheFilterDeniesWritingAndSockets) {
  const NewFile file;
  RestrictedThread thread({0, false, true});
  if (thread.protection().empty()) GTEST_SKIP() << "this kernel has no filter of system calls";
  EXPECT_FALSE(writes_on(thread, file.path()));
  std::atomic<int> socket = 0;
  thread.run([&] { socket = ::socket(AF_INET, SOCK_STREAM, 0); }, {});
  EXPECT_EQ(socket, -1);
  std::atomic<bool> removed = true;
  EXPECT_GE(opened(file.path(), O_WRONLY | O_CREAT), 0);
  thread.run([&] { removed = ::unlink(file.path()) == 0; }, {});
  EXPECT_FALSE(removed);
}

TEST(RestrictedThread, ThreadsThatComputeForItAreRestrictedToo) {
  const NewFile file;
  RestrictedThread thread({});
  if (thread.protection().empty()) GTEST_SKIP() << "this kernel restricts no thread";
  std::atomic<int> wrote = 0;
  thread.run(
      [&] {
        at::parallel_for(0, 64, 1, [&](std::int64_t, std::int64_t) {
          if (opened(file.path(), O_WRONLY | O_CREAT) >= 0) ++wrote;
        });
      },
      {});
  EXPECT_EQ(wrote, 0);
}

TEST(RestrictedThread, WithoutAnyHelpOfTheKernelTheCheckStillRefuses) {
  const NewFile file;
  const RestrictedThread thread({0, false, false});
  EXPECT_EQ(thread.protection(), "");
  const ScriptNetwork network("    torch.save(x, \"" + std::string(file.path()) +
                              "\")\n    return x\n");
  EXPECT_THROW(check_script(ScriptArchive(network.path())), UnusableNetwork);
  EXPECT_FALSE(fs::exists(file.path()));
}

TEST(RestrictedThread, MemoryIsLimited) {
  install_tensor_arena();
  constexpr std::int64_t kLimit = 256 << 20;
  RestrictedThread thread({kLimit, true, true});
  at::Tensor small;
  thread.run([&] { small = at::zeros({kLimit / 8}, at::kFloat); }, {});
  EXPECT_EQ(small.numel(), kLimit / 8);
  std::string words;
  try {
    thread.run([] { static_cast<void>(at::zeros({kLimit}, at::kFloat)); }, {});
  } catch (const std::exception& error) {
    EXPECT_TRUE(tells_of_memory(error)) << error.what();
    words = error.what();
  }
  EXPECT_NE(words, "");
  // Others are not, and afterwards nobody is.
  EXPECT_EQ(at::zeros({kLimit / 2}, at::kFloat).numel(), kLimit / 2);
}

TEST(RestrictedThread, WorkIsGivenUpWhenThePollThrows) {
  struct Stop {};
  const auto is_over = std::make_shared<std::atomic<bool>>(false);
  {
    RestrictedThread thread({});
    EXPECT_THROW(thread.run(
                     [is_over] {
                       while (!*is_over) ::usleep(1000);
                     },
                     [] { throw Stop(); }),
                 Stop);
    EXPECT_THROW(thread.run([] {}, {}), std::logic_error);
  }
  *is_over = true;
}

}  // namespace
}  // namespace styletransfer::detail
