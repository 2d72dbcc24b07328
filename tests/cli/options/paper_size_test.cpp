#include "image/paper_size.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "cli/options/print_flag.h"
#include "cli/terminal/option_names.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

const PaperSize kA2{420.0, 594.0, 300.0};

Size printed(const PaperSize& sheet, Size content) {
  return size_with_long_edge(content, print_long_edge_px(sheet, content));
}

TEST(PaperSize, OfA2At300DpiIs7016By4961Pixels) {
  EXPECT_EQ(sheet_pixels(kA2), (Size{7016, 4961}));
  EXPECT_EQ(sheet_pixels({594.0, 420.0, 300.0}), (Size{7016, 4961}));
}

TEST(PaperSize, HoldsAPhotoOfThreeToTwoByItsLongSide) {
  EXPECT_EQ(printed(kA2, {6000, 4000}), (Size{7016, 4677}));
}

TEST(PaperSize, HoldsASquarePhotoByTheSheetsShortSide) {
  EXPECT_EQ(printed(kA2, {1000, 1000}), (Size{4961, 4961}));
}

TEST(PaperSize, IsRotatedToMatchThePhoto) {
  EXPECT_EQ(printed(kA2, {4000, 6000}), (Size{4677, 7016}));
}

TEST(PaperSize, HoldsTheLargestImageThatFitsForEveryShape) {
  std::mt19937 generator(1);
  const auto draw = [&](int min, int max) {
    return std::uniform_int_distribution<int>(min, max)(generator);
  };
  for (int round = 0; round < 5000; ++round) {
    const Size content{draw(1, 9000), draw(1, 9000)};
    const PaperSize sheet{1.0 * draw(20, 1200), 1.0 * draw(20, 1200), 1.0 * draw(30, 600)};
    const Size room = sheet_pixels(sheet);
    const auto fits = [&](int long_edge_px) {
      const Size size = size_with_long_edge(content, long_edge_px);
      return std::max(size.width_px, size.height_px) <= room.width_px &&
             std::min(size.width_px, size.height_px) <= room.height_px;
    };
    const int edge = print_long_edge_px(sheet, content);
    ASSERT_TRUE(fits(edge)) << content.width_px << "x" << content.height_px;
    ASSERT_FALSE(fits(edge + 1)) << content.width_px << "x" << content.height_px;
  }
}

TEST(PaperSize, LengthsComeBackFromPixels) {
  EXPECT_NEAR(print_length_mm(7016, 300.0), 594.0, 0.05);
  EXPECT_NEAR(print_length_mm(300, 300.0), 25.4, 1e-9);
}

std::string read_as(const std::string& text) {
  return cli::paper_size_text(cli::parse_paper_size("--print", text));
}

TEST(PrintFlag, ReadsPaperNamesInAnyCase) {
  EXPECT_EQ(read_as("A2"), "594x420mm@300");
  EXPECT_EQ(read_as("b5"), "250x176mm@300");
  EXPECT_EQ(read_as("Letter@240"), "279.4x215.9mm@240");
}

TEST(PrintFlag, ReadsSizesInEveryUnitAndEitherWayRound) {
  EXPECT_EQ(read_as("420x594mm"), read_as("A2"));
  EXPECT_EQ(read_as("59.4x42cm@300"), read_as("A2@300"));
  EXPECT_EQ(read_as("8.5x11in"), read_as("letter"));
  EXPECT_EQ(read_as("600 x 400 mm"), "600x400mm@300");
}

TEST(PrintFlag, RefusesWhatIsNoSheet) {
  for (const char* text :
       {"foo", "", "@300", "A2@0", "A2@", "A2@x", "A2@nan", "A7", "10x", "x10mm", "10x10", "0x10mm",
        "10x10km", "1e9x10mm", "99999x10cm", "-1x10mm", "A2@300@300", "10.x.mm", "A2@1e9"}) {
    EXPECT_THROW(static_cast<void>(cli::parse_paper_size("--print", text)), UsageError) << text;
  }
}

TEST(PrintFlag, SaysPixelsMillimetersAndResolution) {
  EXPECT_EQ(cli::print_text(kA2, {7016, 4677}), "7016 x 4677 pixels, 594 x 396 mm at 300 dpi");
}

std::string refusal_of(const char* print, int fitting_px) {
  const PaperSize sheet = cli::parse_paper_size("--print", print);
  const Size photo{3000, 2000};
  const SizeError error({.asked_px = print_long_edge_px(sheet, photo),
                         .fitting_px = fitting_px,
                         .reason = "needs a lot",
                         .remedy = "raise " + option("memory_limit")});
  return cli::with_flags(cli::print_too_large(sheet, photo, error).message());
}

TEST(PrintFlag, RefusesWhatDoesNotFitWithAResolutionAndASheetThatDo) {
  // 594 mm is 3999 pixels at 171 dpi and 4022 at 172 dpi; A3 at 300 dpi is 4961 pixels long, A4
  // 3508.
  EXPECT_EQ(
      refusal_of("a2", 4000),
      "--print A2@300 (7016 pixels) needs a lot; --print A2@171 or A4@300 would fit (or raise "
      "--memory-limit)");
  EXPECT_EQ(
      refusal_of("60x40cm@200", 4000),
      "--print 600x400mm@200 (4724 pixels) needs a lot; --print 600x400mm@169 or A3@200 would "
      "fit (or raise --memory-limit)");
  EXPECT_EQ(refusal_of("A2@100.5", 2349),
            "--print A2@100.5 (2350 pixels) needs a lot; --print A2@100 or A3@100.5 would fit (or "
            "raise --memory-limit)");
}

TEST(PrintFlag, RefusesWhatDoesNotFitInAnyWay) {
  EXPECT_EQ(refusal_of("A2", 0),
            "--print A2@300 (7016 pixels) needs a lot; no print would fit: raise --memory-limit");
}

TEST(PrintFlag, GivesASheetThatTheReducedPhotoFillsAlike) {
  cli::StylizeOptions options;
  options.print = PaperSize{297.0, 210.0, 100.0};
  const Size photo{9000, 2999};
  const int edge = cli::schedule_for(options, photo).size_px;
  EXPECT_EQ(edge, 1169);
  EXPECT_EQ(cli::passes_for(options, photo).back().size_px, edge);
}

}  // namespace
}  // namespace styletransfer
