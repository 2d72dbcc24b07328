#include "serialization/sandboxed_thread.h"

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

#include "device/caching_allocator.h"
#include "device/out_of_memory.h"
#include "serialization/torchscript_check.h"
#include "support/script_network.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;

/// An unused path in the temporary folder; a file there is removed at the end.
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

/// Tries to open a file; returns the (closed) descriptor or -1.
int opened(const char* path, int flags) {
  const int descriptor = ::open(path, flags | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor;
}

bool writes_on(SandboxedThread& thread, const char* path) {
  std::atomic<bool> wrote = false;
  thread.run([&] { wrote = opened(path, O_WRONLY | O_CREAT) >= 0; }, {});
  return wrote;
}

TEST(SandboxedThread, RunsWorkAndThrowsWhatItThrows) {
  SandboxedThread thread({});
  int value = 0;
  thread.run([&] { value = 7; }, {});
  EXPECT_EQ(value, 7);
  EXPECT_THROW(thread.run([] { throw std::runtime_error("no"); }, {}), std::runtime_error);
}

TEST(SandboxedThread, ComputesAsOtherThreadsDo) {
  SandboxedThread thread({});
  const at::Tensor weight = at::rand({16, 3, 3, 3});
  const at::Tensor input = at::rand({1, 3, 64, 64});
  at::Tensor output;
  thread.run([&] { output = at::conv2d(input, weight); }, {});
  EXPECT_TRUE(at::equal(output, at::conv2d(input, weight)));
}

TEST(SandboxedThread, LandlockDeniesFiles) {
  const NewFile file;
  SandboxedThread thread({0, true, false});
  if (thread.protection().empty()) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_FALSE(writes_on(thread, file.path()));
  std::atomic<bool> read = true;
  thread.run([&] { read = opened("/etc/passwd", O_RDONLY) >= 0; }, {});
  EXPECT_FALSE(read);
  // Only that thread is restricted.
  EXPECT_GE(opened(file.path(), O_WRONLY | O_CREAT), 0);
}

TEST(SandboxedThread, TheFilterDeniesWritingAndSockets) {
  const NewFile file;
  SandboxedThread thread({0, false, true});
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

TEST(SandboxedThread, ThreadsThatComputeForItAreRestrictedToo) {
  const NewFile file;
  SandboxedThread thread({});
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

TEST(SandboxedThread, WithoutAnyHelpOfTheKernelTheCheckStillRefuses) {
  const NewFile file;
  const SandboxedThread thread({0, false, false});
  EXPECT_EQ(thread.protection(), "");
  const ScriptNetworkFile network("    torch.save(x, \"" + std::string(file.path()) +
                                  "\")\n    return x\n");
  EXPECT_THROW(check_torchscript(TorchScriptArchive(network.path())), UnusableNetwork);
  EXPECT_FALSE(fs::exists(file.path()));
}

TEST(SandboxedThread, MemoryIsLimited) {
  install_tensor_allocator();
  constexpr std::int64_t kLimit = 256 << 20;
  SandboxedThread thread({kLimit, true, true});
  at::Tensor small;
  thread.run([&] { small = at::zeros({kLimit / 8}, at::kFloat); }, {});
  EXPECT_EQ(small.numel(), kLimit / 8);
  std::string words;
  try {
    thread.run([] { static_cast<void>(at::zeros({kLimit}, at::kFloat)); }, {});
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
    words = error.what();
  }
  EXPECT_NE(words, "");
  // Other threads are not limited, and after the task no thread is.
  EXPECT_EQ(at::zeros({kLimit / 2}, at::kFloat).numel(), kLimit / 2);
}

TEST(SandboxedThread, WorkIsGivenUpWhenThePollThrows) {
  struct Stop {};
  const auto is_over = std::make_shared<std::atomic<bool>>(false);
  {
    SandboxedThread thread({});
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
