// One small image of every kind: the expected pixels, or the reason for the error.
#include <gtest/gtest.h>
#include <libheif/heif.h>

#include <cctype>
#include <cmath>
#include <ostream>

#include "styletransfer/error.h"
#include "styletransfer/image_io.h"
#include "support/image_chart.h"

namespace styletransfer {
namespace {

/// What a file preserves of the chart.
enum class Shows { kColors, kGrays, kBlackAndWhite };

struct Kind {
  const char* file;
  const char* format;
  int bits;
  /// In 8-bit steps, in the middle of each cell.
  int tolerance;
  Shows shows = Shows::kColors;
  bool has_alpha = false;
  /// A substring of the only warning; empty: no warning.
  const char* warning = "";
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.file; }

constexpr bool kAlpha = true;
constexpr int kExact = 0;
// Rounding of the color library's integer matrix and curve tables, and of 8-bit codes.
constexpr int kThroughProfile = 2;
constexpr int kLossy = 4;

const Kind kKinds[] = {
    {"rgb8.png", "PNG", 8, kExact},
    {"rgb16.png", "PNG", 16, kExact},
    {"rgba8.png", "PNG", 8, kExact, Shows::kColors, kAlpha},
    {"rgba16.png", "PNG", 16, kExact, Shows::kColors, kAlpha},
    {"interlaced.png", "PNG", 8, kExact},
    {"interlaced16-alpha.png", "PNG", 16, kExact, Shows::kColors, kAlpha},
    {"grey8.png", "PNG", 8, kExact, Shows::kGrays},
    {"grey16.png", "PNG", 16, kExact, Shows::kGrays},
    {"grey-alpha8.png", "PNG", 8, kExact, Shows::kGrays, kAlpha},
    {"grey-alpha16.png", "PNG", 16, kExact, Shows::kGrays, kAlpha},
    {"grey1.png", "PNG", 1, kExact, Shows::kBlackAndWhite},
    {"palette8.png", "PNG", 8, kExact},
    {"palette4.png", "PNG", 8, kExact},
    {"trns-early.png", "PNG", 8, kExact, Shows::kColors, false, "in the wrong place"},
    {"palette-alpha.png", "PNG", 8, kExact, Shows::kColors, kAlpha},
    {"animated.png", "PNG", 8, kExact, Shows::kColors, kAlpha, "animated PNG"},
    {"no-end.png", "PNG", 8, kExact, Shows::kColors, false, "no sound end"},
    {"orientation-1.png", "PNG", 8, kExact},
    {"orientation-2.png", "PNG", 8, kExact},
    {"orientation-3.png", "PNG", 8, kExact},
    {"orientation-4.png", "PNG", 8, kExact},
    {"orientation-5.png", "PNG", 8, kExact},
    {"orientation-6.png", "PNG", 8, kExact},
    {"orientation-7.png", "PNG", 8, kExact},
    {"orientation-8.png", "PNG", 8, kExact},
    {"exif-prefixed.png", "PNG", 8, kExact},
    {"cicp-narrow.png", "PNG", 8, kExact, Shows::kColors, false, "narrow range"},
    {"cicp-p3.png", "PNG", 8, kThroughProfile},
    {"cicp-bt2020-linear16.png", "PNG", 16, kThroughProfile},
    {"gama-chrm-p3.png", "PNG", 8, kThroughProfile},
    {"gama-linear16.png", "PNG", 16, kThroughProfile},
    {"gama-srgb.png", "PNG", 8, kExact},
    {"grey-gama18.png", "PNG", 8, kThroughProfile, Shows::kGrays},
    {"icc-p3.png", "PNG", 8, kThroughProfile},
    {"icc-p3-16.png", "PNG", 16, kThroughProfile},
    {"icc-p3-alpha.png", "PNG", 8, kThroughProfile, Shows::kColors, kAlpha},
    {"plain.jpg", "JPEG", 8, kLossy},
    {"progressive.jpg", "JPEG", 8, kLossy},
    {"arithmetic.jpg", "JPEG", 8, kLossy},
    {"restarts.jpg", "JPEG", 8, kLossy},
    {"grey.jpg", "JPEG", 8, kLossy, Shows::kGrays},
    {"cmyk-adobe.jpg", "JPEG", 8, kLossy},
    {"cmyk-plain.jpg", "JPEG", 8, kLossy},
    {"ycck-adobe.jpg", "JPEG", 8, kLossy},
    {"icc-p3.jpg", "JPEG", 8, kLossy},
    {"icc-grey-gamma18.jpg", "JPEG", 8, kLossy, Shows::kGrays},
    {"icc-of-grey.jpg", "JPEG", 8, kLossy, Shows::kColors, false, "of another kind"},
    {"icc-broken.jpg", "JPEG", 8, kLossy, Shows::kColors, false, "profile is broken"},
    {"camera-adobe-rgb.jpg", "JPEG", 8, kLossy},
    {"orientation-6.jpg", "JPEG", 8, kLossy},
    {"orientation-8-xmp.jpg", "JPEG", 8, kLossy},
    {"orientation-9.jpg", "JPEG", 8, kLossy, Shows::kColors, false, "orientation"},
    {"trailing-bytes.jpg", "JPEG", 8, kLossy},
    {"no-end.jpg", "JPEG", 8, kLossy, Shows::kColors, false, "no end mark"},
    {"jpeg-named.png", "JPEG", 8, kLossy},
    {"rgb8.tif", "TIFF", 8, kExact},
    {"rgb16-lzw.tif", "TIFF", 16, kExact},
    {"rgb32.tif", "TIFF", 32, kExact},
    {"rgb5.tif", "TIFF", 5, 4},
    {"grey10.tif", "TIFF", 10, kExact, Shows::kGrays},
    {"rgb12.tif", "TIFF", 12, kExact},
    {"rgb14-planes.tif", "TIFF", 14, kExact},
    {"rgb48.tif", "TIFF", 48, kExact},
    {"rgb64.tif", "TIFF", 64, kExact},
    {"signed8.tif", "TIFF", 8, 1, Shows::kColors, false, "below 0"},
    {"signed16.tif", "TIFF", 16, kExact},
    {"rgb8-unsaid.tif", "TIFF", 8, kExact},
    {"reduced-first.tif", "TIFF", 8, kExact, Shows::kColors, false, "reduced version"},
    {"float16.tif", "TIFF", 16, kExact},
    {"float32.tif", "TIFF", 32, kExact},
    {"float64.tif", "TIFF", 64, kExact},
    {"rgba16.tif", "TIFF", 16, kExact, Shows::kColors, kAlpha},
    {"rgba8-premultiplied.tif", "TIFF", 8, 2, Shows::kColors, kAlpha},
    {"rgba8-unsaid.tif", "TIFF", 8, kExact, Shows::kColors, false, "without a known meaning"},
    {"grey-alpha8.tif", "TIFF", 8, kExact, Shows::kGrays, kAlpha},
    {"white-is-zero.tif", "TIFF", 8, kExact, Shows::kGrays},
    {"tiled.tif", "TIFF", 8, kExact},
    {"tiled-planes16.tif", "TIFF", 16, kExact},
    {"planes.tif", "TIFF", 8, kExact},
    {"big.tif", "TIFF", 8, kExact},
    {"jpeg-inside.tif", "TIFF", 8, kLossy},
    {"cmyk8.tif", "TIFF", 8, kExact},
    {"icc-p3-16.tif", "TIFF", 16, kThroughProfile},
    {"lab8.tif", "TIFF", 8, 4},
    {"lab16.tif", "TIFF", 16, kThroughProfile},
    {"icclab16.tif", "TIFF", 16, kThroughProfile},
    {"bilevel.tif", "TIFF", 1, kExact, Shows::kBlackAndWhite},
    {"fax4.tif", "TIFF", 1, kExact, Shows::kBlackAndWhite},
    {"fax4-unsaid.tif", "TIFF", 1, kExact, Shows::kBlackAndWhite},
    {"palette.tif", "TIFF", 8, kExact},
    {"orientation-5.tif", "TIFF", 8, kExact},
    {"two-pages.tif", "TIFF", 8, kExact, Shows::kColors, false, "2 pages"},
    {"lossless.webp", "WebP", 8, kExact},
    {"lossless-alpha.webp", "WebP", 8, kExact, Shows::kColors, kAlpha},
    {"animated.webp", "WebP", 8, kExact, Shows::kColors, kAlpha, "the other one is dropped"},
    {"orientation-7.webp", "WebP", 8, kExact},
    {"icc-p3.webp", "WebP", 8, kThroughProfile},
    {"plain.gif", "GIF", 8, kExact},
    {"wide-codes.gif", "GIF", 8, kExact},
    {"animated.gif", "GIF", 8, kExact, Shows::kColors, false, "the other one is dropped"},
    {"plain.avif", "AVIF", 8, kLossy},
    {"grey-limited.avif", "AVIF", 8, kLossy, Shows::kGrays},
    {"plain.heic", "HEIC", 8, kLossy},
    {"tone-map.heic", "HEIC", 8, kLossy},
    {"new-item.heic", "HEIC", 8, kLossy},
    {"meta-to-end.heic", "HEIC", 8, kLossy},
    {"alpha-too-small.heic", "HEIC", 8, kLossy, Shows::kColors, false, "transparency is left"},
    {"24.bmp", "BMP", 8, kExact},
    {"24-from-top.bmp", "BMP", 8, kExact},
    {"16-555.bmp", "BMP", 8, 7},
    {"16-565.bmp", "BMP", 8, 7},
    {"32-no-alpha.bmp", "BMP", 8, kExact},
    {"32-alpha.bmp", "BMP", 8, kExact, Shows::kColors, kAlpha},
    {"8-palette.bmp", "BMP", 8, kExact},
    {"4-palette.bmp", "BMP", 8, kExact},
    {"8-run-length.bmp", "BMP", 8, kExact},
    {"4-run-length.bmp", "BMP", 8, kExact},
    {"os2.bmp", "BMP", 8, kExact},
};

class ImageKind : public testing::TestWithParam<Kind> {};

int expected_value(Shows shows, const std::array<int, 3>& color, int channel) {
  if (shows == Shows::kColors) return color[channel];
  const double luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
  const int gray = static_cast<int>(std::lround(luma));
  if (shows == Shows::kGrays) return gray;
  return gray >= 128 ? 255 : 0;
}

/// Premultiplication by zero loses colors, and so does clearing an animation's canvas.
bool loses_clear_colors(const std::string& file) {
  return file == "rgba8-premultiplied.tif" || file == "animated.webp";
}

TEST_P(ImageKind, IsReadUprightInSrgb) {
  const Kind& kind = GetParam();
  const LoadedImage loaded = read_image(image_path(kind.file));
  const Image& image = loaded.image;
  EXPECT_EQ(loaded.file.format, kind.format);
  EXPECT_EQ(loaded.file.bits_per_channel, kind.bits);
  ASSERT_EQ(image.size, kChartSize);
  ASSERT_EQ(image.has_alpha(), kind.has_alpha);
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 3; ++column) {
      const int pixel = (row * 8 + 4) * kChartSize.width_px + column * 8 + 4;
      const int alpha = kChartAlpha[row][column];
      if (kind.has_alpha) {
        EXPECT_EQ(std::lround(image.alpha01[pixel] * 255), alpha);
        if (alpha == 0 && loses_clear_colors(kind.file)) continue;
      }
      for (int c = 0; c < 3; ++c) {
        EXPECT_NEAR(image.rgb01[pixel * 3 + c] * 255,
                    expected_value(kind.shows, kChart[row][column], c), kind.tolerance + 0.51)
            << "row " << row << " column " << column << " channel " << c;
      }
    }
  }
}

TEST_P(ImageKind, WarnsOnlyOfWhatWasLeftAside) {
  const Kind& kind = GetParam();
  const LoadedImage loaded = read_image(image_path(kind.file));
  ASSERT_EQ(loaded.warnings.size(), kind.warning[0] == '\0' ? 0U : 1U);
  if (!loaded.warnings.empty()) {
    EXPECT_NE(loaded.warnings[0].find(kind.warning), std::string::npos) << loaded.warnings[0];
  }
}

TEST_P(ImageKind, IsProbedAsItIsRead) {
  const Kind& kind = GetParam();
  const ImageFileInfo info = probe_image(image_path(kind.file));
  EXPECT_EQ(info.format, kind.format);
  EXPECT_EQ(info.size, kChartSize);
  EXPECT_EQ(info.bits_per_channel, kind.bits);
  EXPECT_EQ(info.has_alpha, kind.has_alpha);
}

std::string test_name(const testing::TestParamInfo<Kind>& kind) {
  std::string name = kind.param.file;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, ImageKind, testing::ValuesIn(kKinds), test_name);

struct Refusal {
  const char* file;
  /// A substring of the message.
  const char* reason;
};

TEST(ReadImage, RefusesEachBadFileInOneLineWithPathAndReason) {
  const Refusal refusals[] = {
      {"cut.png", "truncated PNG"},
      {"cut.jpg", "truncated JPEG"},
      {"cut-progressive.jpg", "truncated JPEG"},
      {"cut.tif", "truncated TIFF"},
      {"cut.webp", "truncated WebP"},
      {"cut.gif", "truncated GIF"},
      {"cut.bmp", "truncated BMP"},
      {"cut.heic", "truncated HEIC"},
      {"new-picture.heic", "coded as 'abcd' that the installed libheif "},
      {"low-overhead.avif", "low-overhead layout ('mini') that the installed libheif "},
      {"bad-checksum.png", "damaged PNG"},
      {"claims-huge.png", "30000x30000"},
      {"tile-too-wide.tif", "tile size"},
      {"inks-for-height.tif", "damaged TIFF: "},
      {"cicp-pq.png", "HDR"},
      {"text.jpg", "text"},
      {"page.png", "HTML"},
      {"drawing.jpg", "SVG"},
      {"document.jpg", "PDF"},
      {"noise.jpg", "unknown type"},
      {"empty.jpg", "empty"},
      {"jpeg2000.jpg", "JPEG 2000"},
  };
  for (const Refusal& refusal : refusals) {
    const std::string path = image_path(refusal.file);
    try {
      (void)read_image(path);
      ADD_FAILURE() << refusal.file << " was read";
    } catch (const UsageError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(path + ": ")) << message;
      EXPECT_NE(message.find(refusal.reason), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }
}

TEST(ReadImage, GivesTheTransparentPartsOfAColorKeyedPng) {
  const Image image = read_image(image_path("color-key.png")).image;
  ASSERT_TRUE(image.has_alpha());
  EXPECT_EQ(image.alpha01[4 * kChartSize.width_px + 12], 0.0F);
  EXPECT_EQ(image.alpha01[4 * kChartSize.width_px + 4], 1.0F);
}

TEST(ReadImage, GivesTheTransparentPartsOfAGif) {
  const Image image = read_image(image_path("transparent.gif")).image;
  ASSERT_TRUE(image.has_alpha());
  EXPECT_EQ(image.alpha01[4 * kChartSize.width_px + 12], 0.0F);
  EXPECT_EQ(image.alpha01[4 * kChartSize.width_px + 4], 1.0F);
}

TEST(ReadImage, KeepsAlphaOfLossyFilesApart) {
  for (const char* file : {"lossy-alpha.webp", "alpha.avif", "alpha-of-two.heic"}) {
    const Image image = read_image(image_path(file)).image;
    ASSERT_TRUE(image.has_alpha()) << file;
    EXPECT_NEAR(image.alpha01[12 * kChartSize.width_px + 4], 128 / 255.0, 0.01) << file;
    EXPECT_NEAR(image.rgb01[3 * (4 * kChartSize.width_px + 4)], 204 / 255.0, 0.03) << file;
  }
}

TEST(ReadImage, WarnsOfAHoleInAHeic) {
  // Decoders fill the gap silently.
  try {
    const LoadedImage loaded = read_image(image_path("hole.heic"));
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_NE(loaded.warnings[0].find("may look wrong"), std::string::npos);
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("damaged HEIC"), std::string::npos) << error.what();
  }
}

TEST(ReadImage, TakesFlatPngsOfFewBitsThatCompressWell) {
  for (const char* file : {"flat1.png", "flat2.png", "flat4.png"}) {
    const LoadedImage loaded = read_image(image_path(file), 8);
    EXPECT_EQ(loaded.file.size, (Size{8000, 8000})) << file;
    EXPECT_NEAR(loaded.image.rgb01[100], 1.0F, 1e-3F) << file;
  }
}

TEST(ReadImage, BlamesNoValidFileForWhatALibraryDoesNotRead) {
  for (const char* file : {"new-picture.heic", "low-overhead.avif"}) {
    try {
      (void)read_image(image_path(file));
      ADD_FAILURE() << file << " was read";
    } catch (const UsageError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find("damaged"), std::string::npos) << message;
      EXPECT_EQ(message.find("truncated"), std::string::npos) << message;
      EXPECT_NE(message.find(heif_get_version()), std::string::npos) << message;
    }
  }
}

TEST(ReadImage, CutsFloatValuesAboveWhiteAndSaysSo) {
  const LoadedImage loaded = read_image(image_path("float-bright.tif"));
  EXPECT_EQ(loaded.image.rgb01[0], 1.0F);
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_NE(loaded.warnings[0].find("above 1"), std::string::npos);
}

TEST(ReadImage, KeepsMoreThan256LevelsOf16BitFiles) {
  // 204/255 is exactly 52428/65535; a reader that truncates to 8 bits would pass that, so this uses
  // the linear file, whose codes are not multiples of 257.
  const Image linear = read_image(image_path("gama-linear16.png")).image;
  EXPECT_NEAR(linear.rgb01[1], 48 / 255.0, 0.0005);
  EXPECT_NEAR(linear.rgb01[2], 44 / 255.0, 0.0005);
}

}  // namespace
}  // namespace styletransfer
