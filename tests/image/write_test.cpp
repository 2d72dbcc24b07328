// Writing: round trips, checks before writing, and atomic replacement.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <functional>
#include <limits>

#include "styletransfer/error.h"
#include "styletransfer/image_io.h"
#include "support/image_chart.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// Every output format; `lossless` at the given quality.
struct Format {
  const char* extension;
  bool lossless;
  bool has_alpha;
  bool has_16_bits;
  int quality;
};
const Format kFormats[] = {
    {".png", true, true, true, 95},     {".tif", true, true, true, 95},
    {".TIFF", true, true, true, 95},    {".jpg", false, false, false, 100},
    {".JPEG", false, false, false, 95}, {".webp", true, true, false, 100},
    {".webp", false, true, false, 95},
};

/// Random and therefore hard to compress.
Image noise(Size size) {
  Image image;
  image.size = size;
  unsigned state = 1;
  image.rgb01.resize(static_cast<std::size_t>(size.width_px) * size.height_px * 3);
  for (float& value : image.rgb01) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8) / 16777216.0F;
  }
  return image;
}

template <typename Thrown>
std::string message_of(const std::function<void()>& step) {
  try {
    step();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "no such error";
}

std::string check_message(const std::string& path, const WriteOptions& options = {},
                          Size size = {}) {
  return message_of<UsageError>([&] { check_output_path(path, options, size); });
}

void expect_contains(const std::string& message, const std::string& words) {
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(WriteImage, ComesBackAsItWasInEveryFormat) {
  const ScratchFolder folder;
  for (const Format& format : kFormats) {
    for (const bool with_alpha : {false, true}) {
      const Image image = chart_image(with_alpha);
      const std::string path = folder.file(std::string("picture") + format.extension);
      WriteOptions options;
      options.quality = format.quality;
      options.overwrite = true;
      write_image(image, path, options);
      const LoadedImage loaded = read_image(path);
      EXPECT_TRUE(loaded.warnings.empty()) << path;
      ASSERT_EQ(loaded.image.size, image.size);
      EXPECT_EQ(loaded.image.has_alpha(), with_alpha && format.has_alpha) << path;
      EXPECT_EQ(output_keeps_alpha(path), format.has_alpha);
      const Image expected = format.has_alpha ? image : flattened(image);
      const int pixel = 4 * kChartSize.width_px + 20;
      for (int c = 0; c < 3; ++c) {
        EXPECT_NEAR(loaded.image.rgb01[pixel * 3 + c], expected.rgb01[pixel * 3 + c], 0.02) << path;
      }
      if (format.lossless) {
        EXPECT_EQ(loaded.image.rgb01, expected.rgb01) << path;
        EXPECT_EQ(loaded.image.alpha01, expected.alpha01) << path;
      }
    }
  }
}

TEST(WriteImage, KeepsSixteenBits) {
  const ScratchFolder folder;
  Image ramp;
  ramp.size = {1000, 1};
  for (int i = 0; i < 3000; ++i) ramp.rgb01.push_back(static_cast<float>(i) / 2999.0F);
  for (const char* name : {"ramp.png", "ramp.tif"}) {
    WriteOptions options;
    options.bit_depth = 16;
    write_image(ramp, folder.file(name), options);
    const LoadedImage loaded = read_image(folder.file(name));
    EXPECT_EQ(loaded.file.bits_per_channel, 16);
    for (std::size_t i = 0; i < ramp.rgb01.size(); ++i) {
      ASSERT_NEAR(loaded.image.rgb01[i], ramp.rgb01[i], 0.51 / 65535) << name << " " << i;
    }
  }
}

TEST(WriteImage, RoundsToNearestAndCutsWhatIsOutOfRange) {
  const ScratchFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  Image image;
  image.size = {3, 1};
  image.rgb01 = {-0.5F, 1.5F, nan, infinity, -infinity, 0.0F, 100.49F / 255, 100.51F / 255, 1.0F};
  write_image(image, folder.file("values.png"), {});
  const Image back = read_image(folder.file("values.png")).image;
  const int expected[] = {0, 255, 0, 255, 0, 0, 100, 101, 255};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(std::lround(back.rgb01[i] * 255), expected[i]) << i;
}

TEST(WriteImage, KeepsFullColorResolutionInJpeg) {
  const ScratchFolder folder;
  write_image(chart_image(false), folder.file("full.jpg"), {});
  const std::string bytes = file_bytes(folder.file("full.jpg"));
  // Start of frame: marker, length, precision, height, width, then 3 components with id, sampling,
  // table.
  const std::size_t frame = bytes.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  for (const std::size_t component : {0U, 1U, 2U}) {
    EXPECT_EQ(bytes[frame + 10 + 3 * component + 1], '\x11');
  }
}

TEST(WriteImage, EmbedsTheSameSrgbProfileEachTime) {
  const ScratchFolder folder;
  for (const char* name : {"one.png", "one.tif", "one.jpg", "one.webp"}) {
    const std::string again = std::string("again-") + name;
    write_image(chart_image(false), folder.file(name), {});
    write_image(chart_image(false), folder.file(again), {});
    EXPECT_EQ(file_bytes(folder.file(name)), file_bytes(folder.file(again))) << name;
    const std::string bytes = file_bytes(folder.file(name));
    const char* mark = std::string(name) == "one.png" ? "iCCP" : "acsp";
    EXPECT_NE(bytes.find(mark), std::string::npos) << name;
  }
}

TEST(WriteImage, CarriesMetadataAndSettings) {
  const ScratchFolder folder;
  WriteOptions options;
  options.metadata = {240.0, "Ein Bild: größer & <schöner>", "© 2024 Me", "A. Photographer"};
  options.settings_json = R"({"content":"a \"b\" <c> & d.jpg","size":512,"text":"äöü 山"})";
  for (const char* name : {"carried.png", "carried.jpg", "carried.tif", "carried.webp"}) {
    const std::string path = folder.file(name);
    write_image(chart_image(false), path, options);
    const ImageMetadata back = read_image(path).metadata;
    EXPECT_NEAR(back.dpi, 240.0, 0.02) << name;
    EXPECT_EQ(back.description, options.metadata.description) << name;
    EXPECT_EQ(back.copyright, options.metadata.copyright) << name;
    EXPECT_EQ(back.artist, options.metadata.artist) << name;
    EXPECT_EQ(read_settings(path), options.settings_json) << name;
  }
}

TEST(WriteImage, CutsLongTextsToWhatAJpegHolds) {
  const ScratchFolder folder;
  WriteOptions options;
  options.metadata.description = std::string(70'000, 'd');
  options.settings_json = "{}";
  write_image(chart_image(false), folder.file("long.jpg"), options);
  write_image(chart_image(false), folder.file("long.png"), options);
  EXPECT_EQ(read_image(folder.file("long.jpg")).metadata.description.size(), 2000U);
  EXPECT_EQ(read_settings(folder.file("long.jpg")), "{}");
  EXPECT_EQ(read_image(folder.file("long.png")).metadata.description.size(), 70'000U);
}

TEST(WriteImage, MarksTheOutputUpright) {
  const ScratchFolder folder;
  const LoadedImage turned = read_image(image_path("orientation-6.jpg"));
  WriteOptions options;
  options.metadata = turned.metadata;
  for (const char* name : {"up.png", "up.jpg", "up.tif", "up.webp"}) {
    write_image(turned.image, folder.file(name), options);
    EXPECT_EQ(read_image(folder.file(name)).image.size, kChartSize) << name;
  }
}

TEST(WriteImage, StoresSettingsThatAreNoValidText) {
  const ScratchFolder folder;
  WriteOptions options;
  options.settings_json = std::string("{\"name\":\"bad\xFF\x01\"}");
  write_image(chart_image(false), folder.file("odd.png"), options);
  EXPECT_EQ(read_settings(folder.file("odd.png")), "{\"name\":\"bad\xEF\xBF\xBD\xEF\xBF\xBD\"}");
}

TEST(WriteImage, LeavesOnlyTheFinishedFile) {
  const ScratchFolder folder;
  write_image(chart_image(false), folder.file("a.png"), {});
  EXPECT_EQ(folder.entry_count(), 1U);
}

TEST(WriteImage, KeepsAFileThatAppearedMeanwhile) {
  const ScratchFolder folder;
  write_bytes(folder.file("a.png"), "precious");
  expect_contains(
      message_of<RunError>([&] { write_image(chart_image(false), folder.file("a.png"), {}); }),
      "overwrite");
  EXPECT_EQ(file_bytes(folder.file("a.png")), "precious");
  EXPECT_EQ(folder.entry_count(), 1U);
}

TEST(WriteImage, ReplacesWhatALinkPointsToAndKeepsItsPermissions) {
  const ScratchFolder folder;
  write_bytes(folder.file("real.png"), "old");
  fs::permissions(folder.file("real.png"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("real.png", folder.file("link.png"));
  WriteOptions options;
  options.overwrite = true;
  write_image(chart_image(false), folder.file("link.png"), options);
  EXPECT_TRUE(fs::is_symlink(folder.file("link.png")));
  EXPECT_EQ(read_image(folder.file("real.png")).image.size, kChartSize);
  EXPECT_EQ(fs::status(folder.file("real.png")).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(WriteImage, SaysThatItsFolderIsGone) {
  const ScratchFolder folder;
  expect_contains(
      message_of<RunError>([&] { write_image(chart_image(false), folder.file("gone/a.png"), {}); }),
      "folder is gone");
}

TEST(WriteImage, FailsCleanlyWhenAFileMayNotGrow) {
  const ScratchFolder folder;
  const Image image = noise({300, 300});
  struct sigaction ignore {};
  struct sigaction old_action {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &ignore, &old_action);
  rlimit old_limit{};
  getrlimit(RLIMIT_FSIZE, &old_limit);
  for (const char* name : {"a.png", "a.jpg", "a.tif", "a.webp"}) {
    write_bytes(folder.file(name), "old");
    WriteOptions options;
    options.overwrite = true;
    rlimit limit = old_limit;
    limit.rlim_cur = 20'000;
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message =
        message_of<RunError>([&] { write_image(image, folder.file(name), options); });
    setrlimit(RLIMIT_FSIZE, &old_limit);
    expect_contains(message, "file size limit");
    EXPECT_EQ(file_bytes(folder.file(name)), "old") << name;
  }
  sigaction(SIGXFSZ, &old_action, nullptr);
  EXPECT_EQ(folder.entry_count(), 4U);
}

/// A small file system of its own, if the user may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    fs::create_directory(path);
    mounted_ = mount("none", path.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount(path_.c_str());
  }
  [[nodiscard]] bool is_mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST(WriteImage, FailsCleanlyOnAFullDisk) {
  const ScratchFolder folder;
  const SmallDisk disk(folder.file("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "no permission to mount a small file system";
  const Image image = noise({500, 500});
  for (const char* name : {"disk/a.png", "disk/a.jpg", "disk/a.tif", "disk/a.webp"}) {
    WriteOptions options;
    options.quality = 100;
    expect_contains(message_of<RunError>([&] { write_image(image, folder.file(name), options); }),
                    "disk is full");
    EXPECT_TRUE(fs::is_empty(folder.file("disk"))) << name;
  }
  expect_contains(check_message(folder.file("disk/a.tif"), {}, {4000, 3000}), "disk is full");
}

TEST(CheckOutputPath, AcceptsAndMakesAMissingFolderLeavingNoFile) {
  const ScratchFolder folder;
  check_output_path(folder.file("new/deep/a.png"), {});
  EXPECT_TRUE(fs::is_directory(folder.file("new/deep")));
  EXPECT_TRUE(fs::is_empty(folder.file("new/deep")));
}

TEST(CheckOutputPath, RefusesWhatCannotBeWritten) {
  const ScratchFolder folder;
  write_bytes(folder.file("there.png"), "x");
  fs::create_directory(folder.file("album.png"));
  WriteOptions wide;
  wide.bit_depth = 16;
  WriteOptions odd;
  odd.bit_depth = 12;
  WriteOptions poor;
  poor.quality = 0;
  WriteOptions long_winded;
  long_winded.settings_json = std::string(70'000, 'x');
  expect_contains(check_message(folder.file("a.gif")), ".png");
  expect_contains(check_message(folder.file("noextension")), ".png");
  expect_contains(check_message(folder.file(".png")), ".png");
  expect_contains(check_message(folder.file("there.png")), "overwrite");
  expect_contains(check_message(folder.file("album.png")), "directory");
  expect_contains(check_message(folder.file("there.png/a.png")), "folder");
  expect_contains(check_message(folder.file("a.jpg"), wide), "16 bits");
  expect_contains(check_message(folder.file("a.webp"), wide), "16 bits");
  expect_contains(check_message(folder.file("a.png"), odd), "bit_depth 12");
  expect_contains(check_message(folder.file("a.jpg"), poor), "quality 0");
  expect_contains(check_message(folder.file("a.jpg"), long_winded), "too long");
  expect_contains(check_message(folder.file("a.webp"), {}, {20'000, 10}), "16383");
  expect_contains(check_message(folder.file(std::string(300, 'x') + ".png")), "longer");
  expect_contains(check_message("~/styletransfer-none/a.png"), "shell");
  expect_contains(check_message("/proc/a.png"), "/proc/a.png");
  EXPECT_EQ(folder.entry_count(), 2U);
}

TEST(CheckOutputPath, NamesAFolderWithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "the administrator may write everywhere";
  const ScratchFolder folder;
  fs::create_directory(folder.file("locked"));
  fs::permissions(folder.file("locked"), fs::perms::owner_read | fs::perms::owner_exec);
  expect_contains(check_message(folder.file("locked/a.png")), "permission");
}

TEST(CheckOutputPath, AcceptsAnExistingFileWithOverwrite) {
  const ScratchFolder folder;
  write_bytes(folder.file("there.png"), "x");
  WriteOptions options;
  options.overwrite = true;
  check_output_path(folder.file("there.png"), options);
  EXPECT_EQ(file_bytes(folder.file("there.png")), "x");
}

}  // namespace
}  // namespace styletransfer
