// Atomic writing on file systems with missing features: files are complete, and no other file is
// replaced.
#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <ostream>
#include <string>
#include <vector>

#include "base/output_target.h"
#include "base/system/disk_space.h"
#include "styletransfer/error.h"
#include "support/image_chart.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// Errors of NFS, CIFS, FUSE, ZFS, exFAT and old kernels for unsupported operations.
constexpr int kRefusals[] = {EINVAL, ENOSYS, EOPNOTSUPP, EPERM, EISDIR};
constexpr const char* kCalls[] = {"tmpfile", "link", "renameat2", "fsync"};
constexpr unsigned kAllCalls = 15;

/// Makes these system calls fail during its lifetime (support/preload/failing_calls.cpp).
class FailingCalls {
 public:
  explicit FailingCalls(const std::string& list) {
    setenv("STYLETRANSFER_FAILING_CALLS", list.c_str(), 1);
  }
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;
  ~FailingCalls() { unsetenv("STYLETRANSFER_FAILING_CALLS"); }
};

/// "link:1,fsync:1" for the calls whose bits are set.
std::string refused(unsigned calls, int error) {
  std::string list;
  for (unsigned i = 0; i < std::size(kCalls); ++i) {
    if ((calls >> i & 1U) == 0) continue;
    list += (list.empty() ? "" : ",") + std::string(kCalls[i]) + ":" + std::to_string(error);
  }
  return list;
}

/// Runs `body` with every subset of the calls failing with every error.
template <typename Body>
void on_every_file_system(const Body& body) {
  for (const int error : kRefusals) {
    for (unsigned calls = 0; calls <= kAllCalls; ++calls) {
      const std::string list = refused(calls, error);
      SCOPED_TRACE(list);
      const ScratchFolder folder;
      const FailingCalls failing(list);
      body(folder);
    }
  }
}

int error_of_writing(const std::string& path, const std::string& bytes, bool may_replace) {
  try {
    write_whole_file(path, bytes, may_replace);
  } catch (const WriteError& error) {
    return error.error_number();
  }
  return 0;
}

std::string refusal_of(const std::string& path, bool may_replace = false) {
  try {
    check_output_target(path, may_replace);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AtomicFile, TheTestsCanMakeCallsFail) {
  const ScratchFolder folder;
  write_bytes(folder.file("a"), "a");
  const FailingCalls failing("link:95");
  EXPECT_EQ(::link(folder.file("a").c_str(), folder.file("b").c_str()), -1);
  EXPECT_EQ(errno, EOPNOTSUPP);
}

TEST(AtomicFile, IsWholeOnEveryFileSystem) {
  const std::string bytes(3'000'000, 'x');
  on_every_file_system([&](const ScratchFolder& folder) {
    EXPECT_EQ(error_of_writing(folder.file("a"), bytes, false), 0);
    EXPECT_EQ(file_bytes(folder.file("a")), bytes);
    EXPECT_EQ(folder.entry_count(), 1U);
    struct stat status {};
    stat(folder.file("a").c_str(), &status);
    EXPECT_EQ(status.st_nlink, 1U);
  });
}

TEST(AtomicFile, ReplacesOnlyWhereItMayOnEveryFileSystem) {
  on_every_file_system([&](const ScratchFolder& folder) {
    write_bytes(folder.file("a"), "another's");
    fs::permissions(folder.file("a"), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(error_of_writing(folder.file("a"), "mine", false), EEXIST);
    EXPECT_EQ(file_bytes(folder.file("a")), "another's");
    EXPECT_EQ(error_of_writing(folder.file("a"), "mine", true), 0);
    EXPECT_EQ(file_bytes(folder.file("a")), "mine");
    EXPECT_EQ(fs::status(folder.file("a")).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(folder.entry_count(), 1U);
  });
}

TEST(AtomicFile, OfTwoThatWriteAtOnceOneWinsOnEveryFileSystem) {
  on_every_file_system([&](const ScratchFolder& folder) {
    for (int i = 0; i < 8; ++i) {
      const std::string path = folder.file(std::to_string(i));
      const auto write = [&](const char* bytes) { return error_of_writing(path, bytes, false); };
      std::future<int> first = std::async(std::launch::async, write, "first");
      const int second = write("second");
      const int first_error = first.get();
      EXPECT_EQ(first_error + second, EEXIST) << first_error << ", " << second;
      EXPECT_EQ(file_bytes(path), second == 0 ? "second" : "first");
    }
    EXPECT_EQ(folder.entry_count(), 8U);
  });
}

TEST(AtomicFile, ADiskErrorAtTheEndKeepsTheOldFile) {
  for (const int error : {EIO, ENOSPC, EDQUOT}) {
    const ScratchFolder folder;
    write_bytes(folder.file("a"), "old");
    const FailingCalls failing("fsync:" + std::to_string(error));
    EXPECT_EQ(error_of_writing(folder.file("a"), "new", true), error);
    EXPECT_EQ(file_bytes(folder.file("a")), "old");
    EXPECT_EQ(folder.entry_count(), 1U);
  }
}

TEST(AtomicFile, WritesThroughALinkToAFileThatIsNotThereYet) {
  on_every_file_system([&](const ScratchFolder& folder) {
    fs::create_directory(folder.file("inner"));
    fs::create_symlink("inner/target", folder.file("middle"));
    fs::create_symlink("middle", folder.file("link"));
    EXPECT_EQ(refusal_of(folder.file("link")), "");
    EXPECT_EQ(error_of_writing(folder.file("link"), "bytes", false), 0);
    EXPECT_TRUE(fs::is_symlink(folder.file("link")));
    EXPECT_EQ(file_bytes(folder.file("inner/target")), "bytes");
    EXPECT_FALSE(fs::is_symlink(folder.file("inner/target")));
  });
}

TEST(AtomicFile, AStreamThatFailsLeavesNothing) {
  const ScratchFolder folder;
  const auto fails = [&](std::ostream& stream) {
    stream << "half";
    throw std::runtime_error("enough");
  };
  EXPECT_THROW(write_whole_file(folder.file("new/a"), fails, true), std::runtime_error);
  EXPECT_TRUE(fs::is_empty(folder.file("new")));
  write_whole_file(
      folder.file("new/a"), [](std::ostream& stream) { stream << "wh" << 'o' << "le"; }, false);
  EXPECT_EQ(file_bytes(folder.file("new/a")), "whole");
}

TEST(CheckOutputTarget, RefusesALinkWhoseTargetCannotBeMade) {
  const ScratchFolder folder;
  fs::create_symlink("gone/a.png", folder.file("link"));
  EXPECT_NE(refusal_of(folder.file("link")).find("gone/a.png', whose folder does not exist"),
            std::string::npos)
      << refusal_of(folder.file("link"));
  fs::create_symlink("round", folder.file("round"));
  EXPECT_NE(refusal_of(folder.file("round")).find("leads back to itself"), std::string::npos);
}

TEST(CheckOutputTarget, CallsAReadOnlyFileSystemSoAndNamesTheFolder) {
  const ScratchFolder folder;
  const std::string erofs = std::to_string(EROFS);
  const FailingCalls failing("tmpfile:" + erofs + ",create:" + erofs + ",mkdir:" + erofs);
  for (const std::string& name : {std::string("a.png"), std::string("new/deep/a.png")}) {
    const std::string message = refusal_of(folder.file(name));
    EXPECT_NE(message.find("read-only file system"), std::string::npos) << message;
    EXPECT_NE(message.find("'" + folder_of(folder.file(name)) + "'"), std::string::npos) << message;
  }
  try {
    check_output_folder(folder.file("new"));
    ADD_FAILURE() << "nothing was refused";
  } catch (const UsageError& error) {
    EXPECT_EQ(error.what(),
              folder.file("new") + ": on a read-only file system; choose another folder");
  }
}

TEST(FreeDiskBytes, AreThoseOfTheFileSystem) {
  const ScratchFolder folder;
  EXPECT_GT(free_disk_bytes(folder.file("")).value_or(0), 0U);
  setenv("STYLETRANSFER_FREE_BYTES", "12345", 1);
  EXPECT_EQ(free_disk_bytes(folder.file("")), 12345U);
  unsetenv("STYLETRANSFER_FREE_BYTES");
  EXPECT_EQ(free_disk_bytes(folder.file("gone")), std::nullopt);
}

}  // namespace
}  // namespace styletransfer
