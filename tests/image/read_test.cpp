// Reading: reduced images, file names, files that are not images, memory, metadata.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "styletransfer/error.h"
#include "styletransfer/image_io.h"
#include "support/image_chart.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// An image with structure at every scale.
Image textured(Size size, bool with_alpha) {
  Image image;
  image.size = size;
  for (int y = 0; y < size.height_px; ++y) {
    for (int x = 0; x < size.width_px; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.rgb01.push_back(static_cast<float>((x * 37 + y * 91 + c * 53 + x * y) % 256) /
                              255.0F);
      }
      if (with_alpha) image.alpha01.push_back(static_cast<float>((x * 13 + y * 7) % 256) / 255.0F);
    }
  }
  return image;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max<double>(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

std::string refusal_of(const std::string& path) {
  try {
    (void)read_image(path);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "was read";
}

TEST(ReadReduced, EqualsTheWholeImageResized) {
  const ScratchFolder folder;
  for (const bool with_alpha : {false, true}) {
    const std::string path = folder.file(with_alpha ? "alpha.png" : "opaque.png");
    write_image(textured({101, 67}, with_alpha), path, {});
    for (const int long_edge : {100, 50, 33, 7, 1}) {
      const LoadedImage reduced = read_image(path, long_edge);
      const Image expected =
          resized(read_image(path).image, size_with_long_edge({101, 67}, long_edge));
      ASSERT_EQ(reduced.image.size, expected.size);
      EXPECT_EQ(reduced.file.size, (Size{101, 67}));
      EXPECT_LT(largest_difference(reduced.image.rgb01, expected.rgb01), 2e-5) << long_edge;
      EXPECT_LT(largest_difference(reduced.image.alpha01, expected.alpha01), 2e-5) << long_edge;
    }
  }
}

TEST(ReadReduced, OfAJpegAgreesWithTheWholeImageResized) {
  const ScratchFolder folder;
  const std::string path = folder.file("smooth.jpg");
  Image smooth = textured({9, 7}, false);
  smooth = resized(smooth, {1003, 781});
  write_image(smooth, path, {});
  const Image whole = read_image(path).image;
  for (const int long_edge : {999, 501, 300, 126, 100, 30}) {
    const Image reduced = read_image(path, long_edge).image;
    const Size size = size_with_long_edge({1003, 781}, long_edge);
    ASSERT_EQ(reduced.size, size);
    // The decoder scales with another filter, but without a shift.
    EXPECT_LT(largest_difference(reduced.rgb01, resized(whole, size).rgb01), 0.04) << long_edge;
  }
}

TEST(ReadReduced, NeverEnlarges) {
  EXPECT_EQ(read_image(image_path("rgb8.png"), 1000).image.size, kChartSize);
}

TEST(ReadReduced, TurnsTheReducedImage) {
  const Image image = read_image(image_path("orientation-6.png"), 12).image;
  ASSERT_EQ(image.size, (Size{12, 8}));
  EXPECT_NEAR(image.rgb01[0] * 255, 204, 0.01);
  EXPECT_NEAR(image.rgb01[(7 * 12 + 11) * 3] * 255, 240, 0.01);
}

TEST(ReadReduced, OfATwelveMegapixelJpegIsFastAndSmall) {
  const ScratchFolder folder;
  const std::string path = folder.file("large.jpg");
  write_image(resized(textured({64, 48}, false), {4000, 3000}), path, {});
  // If another test has already used more memory, only the time is checked.
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(read_image(path, 512).image.size, (Size{512, 384}));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 200'000) << "kilobytes";
  // The goal is 0.5 s; a busy machine or a sanitizer build may take a few times that.
  EXPECT_LT(seconds.count(), 2.5);
}

TEST(ReadImage, TakesAnyFileName) {
  const ScratchFolder folder;
  const std::string image = file_bytes(image_path("rgb8.png"));
  for (const std::string name :
       {"two words, and a comma.png", "Grüße aus Tromsø.png", "山と海.png", "-dash.png",
        "~tilde.png", "no extension", "quote'\"$.png", "bad\xFFutf8.png"}) {
    write_bytes(folder.file(name), image);
    EXPECT_EQ(read_image(folder.file(name)).image.size, kChartSize) << name;
  }
  const std::string longest = std::string(251, 'x') + ".png";
  write_bytes(folder.file(longest), image);
  EXPECT_EQ(read_image(folder.file(longest)).image.size, kChartSize);
}

TEST(ReadImage, SaysWhatIsWrongWithAPath) {
  const ScratchFolder folder;
  fs::create_directory(folder.file("album.jpg"));
  ASSERT_EQ(mkfifo(folder.file("pipe.jpg").c_str(), 0600), 0);
  const auto says = [](const std::string& path, const std::string& words) {
    const std::string message = refusal_of(path);
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  };
  says(folder.file("missing.jpg"), "no such file");
  says("~/styletransfer-no-such-file.jpg", "shell");
  says(folder.file("album.jpg"), "directory");
  says(folder.file("pipe.jpg"), "pipe");
  says("/dev/null", "device");
  says(folder.file(std::string(300, 'x')), "longer than the system allows");
  says(folder.file("line\nbreak.jpg"), "line?break.jpg");
  says("", "no such file");
}

TEST(ReadImage, NamesMissingPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "the administrator may read everything";
  const ScratchFolder folder;
  write_bytes(folder.file("locked.png"), file_bytes(image_path("rgb8.png")));
  fs::permissions(folder.file("locked.png"), fs::perms::none);
  EXPECT_NE(refusal_of(folder.file("locked.png")).find("permission"), std::string::npos);
}

TEST(ReadImage, RefusesMorePixelsThanMemoryHoldsBeforeTakingIt) {
  const ScratchFolder folder;
  const std::string path = folder.file("wide.png");
  write_image(resized(textured({8, 8}, false), {3000, 2000}), path, {});
  rlimit old_limit{};
  getrlimit(RLIMIT_AS, &old_limit);
  if (old_limit.rlim_max != RLIM_INFINITY) GTEST_SKIP() << "the address space is limited already";
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer needs the whole address space";
#endif
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit limit = old_limit;
  // 24 MB more than now: less than the 72 MB of the image.
  limit.rlim_cur = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + 24'000'000;
  setrlimit(RLIMIT_AS, &limit);
  const std::string whole = refusal_of(path);
  Size reduced{};
  try {
    reduced = read_image(path, 300).image.size;
  } catch (const UsageError&) {
  }
  setrlimit(RLIMIT_AS, &old_limit);
  EXPECT_NE(whole.find("3000x2000 pixels"), std::string::npos) << whole;
  EXPECT_EQ(reduced, (Size{300, 200})) << "the reduced image fits";
}

TEST(ReadImage, RefusesEveryCutOfAnImageOrWarnsOrReadsItWhole) {
  const ScratchFolder folder;
  for (const char* name :
       {"rgb8.png",         "interlaced.png",  "palette-alpha.png", "animated.png",
        "plain.jpg",        "progressive.jpg", "arithmetic.jpg",    "cmyk-adobe.jpg",
        "rgb8.tif",         "rgb16-lzw.tif",   "tiled.tif",         "planes.tif",
        "jpeg-inside.tif",  "fax4.tif",        "big.tif",           "lossless.webp",
        "lossy-alpha.webp", "animated.webp",   "plain.gif",         "24.bmp",
        "8-run-length.bmp", "plain.avif",      "plain.heic"}) {
    const std::string whole = file_bytes(image_path(name));
    const Image expected = read_image(image_path(name)).image;
    for (std::size_t length = 1; length < whole.size(); length += 5) {
      const std::string path = folder.file("cut");
      write_bytes(path, whole.substr(0, length));
      try {
        const LoadedImage loaded = read_image(path);
        EXPECT_TRUE(loaded.image.rgb01 == expected.rgb01 || !loaded.warnings.empty())
            << name << " cut at " << length;
      } catch (const UsageError&) {
      }
    }
  }
}

TEST(ReadImage, ReadsAHeicThatTheLibraryRefusesWithBytesBehindIt) {
  const ScratchFolder folder;
  const std::string path = folder.file("behind.heic");
  write_bytes(path, file_bytes(image_path("tone-map.heic")) + "x");
  EXPECT_EQ(read_image(path).image.size, kChartSize);
}

TEST(ReadImage, CarriesResolutionAndTexts) {
  const ImageMetadata metadata = read_image(image_path("orientation-6.jpg")).metadata;
  EXPECT_NEAR(metadata.dpi, 300.0, 0.5);
  EXPECT_EQ(metadata.description, "A chart");
  EXPECT_EQ(metadata.copyright, "Public domain");
  EXPECT_EQ(metadata.artist, "The script");
}

TEST(ReadSettings, FindsNothingInAForeignImage) {
  EXPECT_FALSE(read_settings(image_path("rgb8.png")).has_value());
  EXPECT_FALSE(read_settings(image_path("text.jpg")).has_value());
}

}  // namespace
}  // namespace styletransfer
