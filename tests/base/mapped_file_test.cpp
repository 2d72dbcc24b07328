#include "base/mapped_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "styletransfer/error.h"
#include "support/soft_limit.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

TEST(MappedFile, SaysThatMemoryIsTooSmallAndWhichLimitHolds) {
  const fs::path path = fs::temp_directory_path() / "styletransfer_mapped_file_test";
  std::ofstream(path).put('x');
  fs::resize_file(path, std::uintmax_t{1} << 30);
  std::string message;
  {
    const SoftLimit limit(RLIMIT_AS, address_space_in_use() + (std::uint64_t{256} << 20));
    try {
      const MappedFile file(path.string());
    } catch (const RunError& error) {
      message = error.what();
    }
  }
  fs::remove(path);
  EXPECT_NE(message.find("no memory left"), std::string::npos) << message;
  EXPECT_NE(message.find("raise `ulimit -v`"), std::string::npos) << message;
  EXPECT_EQ(message.find("check the path"), std::string::npos) << message;
}

TEST(OpenErrorText, NamesTheRemedyOfEachCause) {
  EXPECT_NE(open_error_text(EMFILE).find("`ulimit -n`"), std::string::npos);
  EXPECT_NE(open_error_text(EACCES).find("permission denied"), std::string::npos);
  EXPECT_NE(open_error_text(EIO).find("check the path"), std::string::npos);
}

}  // namespace
}  // namespace styletransfer
