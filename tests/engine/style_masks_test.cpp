// Masks in whole runs: where each style applies and where the content stays.
#include "engine/style_masks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "styletransfer/error.h"
#include "styletransfer/progress.h"
#include "styletransfer/transfer.h"
#include "support/recorder.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

const Network& network() {
  static const Network kNetwork = tiny_network();
  return kNetwork;
}

Result run(const Job& job) {
  Recorder recorder;
  return transfer(job, network(), {}, recorder);
}

/// White in columns [first, last) of a mask of this size.
Mask columns(Size size, int first, int last) {
  Mask mask{size, {}};
  for (int i = 0; i < size.width_px * size.height_px; ++i) {
    const int x = i % size.width_px;
    mask.gray01.push_back(x >= first && x < last ? 1.0F : 0.0F);
  }
  return mask;
}

std::shared_ptr<const Mask> shared(Mask mask) { return std::make_shared<Mask>(std::move(mask)); }

Mask plain_mask(Size size, float gray) {
  return {size, std::vector<float>(static_cast<std::size_t>(size.width_px) * size.height_px, gray)};
}

Job two_style_job() {
  Job job = tiny_job();
  job.styles.push_back(style_of(wavy_image({44, 36}, 2.3F)));
  return job;
}

TEST(Untouched, PixelsAreThoseOfTheContentAfterEveryScheduleAndStart) {
  Job job = tiny_job();
  job.content = wavy_image({64, 48}, 0.3F);
  job.untouched_mask = columns({128, 96}, 0, 64);
  job.schedule.size_px = 64;
  job.schedule.passes = 2;
  for (const InitKind init : {InitKind::kContent, InitKind::kNoise}) {
    job.init.kind = init;
    const Image image = run(job).image;
    double painted = 0.0;
    for (std::size_t i = 0; i < image.rgb01.size(); ++i) {
      const float difference = image.rgb01[i] - job.content.rgb01[i];
      if (i / 3 % 64 < 32) {
        EXPECT_EQ(difference, 0.0F);
      } else {
        painted += std::abs(difference);
      }
    }
    EXPECT_GT(painted, 1.0);
  }
}

TEST(Untouched, PixelsStayThroughGrowingPassesAMarginAndAPassOfNoSteps) {
  Job job = tiny_job();
  job.content = wavy_image({80, 60}, 0.3F);
  job.untouched_mask = columns({80, 60}, 20, 50);
  job.margin_px = 7;
  for (const int last_iterations : {5, 0}) {
    PassOverrides coarse;
    coarse.size_px = 40;
    PassOverrides fine;
    fine.size_px = 80;
    fine.iterations = last_iterations;
    job.schedule.pass_list = {coarse, fine};
    const Image image = run(job).image;
    for (std::size_t i = 0; i < image.rgb01.size(); ++i) {
      const std::size_t x = i / 3 % 80;
      if (x >= 20 && x < 50) {
        EXPECT_EQ(image.rgb01[i], job.content.rgb01[i]);
      }
    }
  }
}

TEST(Untouched, PixelsHaveTheColorsAskedFor) {
  Job job = tiny_job();
  job.content = wavy_image({32, 24}, 0.3F);
  job.untouched_mask = columns({32, 24}, 0, 16);
  job.schedule.passes = 1;
  for (const Colors colors : {Colors::kContent, Colors::kContentStatistics, Colors::kNeutral}) {
    job.colors = colors;
    const Image image = run(job).image;
    const Image untouched = colors == Colors::kNeutral ? to_grayscale(job.content) : job.content;
    for (std::size_t i = 0; i < image.rgb01.size(); ++i) {
      if (i / 3 % 32 < 16) {
        ASSERT_EQ(image.rgb01[i], untouched.rgb01[i]) << static_cast<int>(colors);
      }
    }
  }
}

TEST(StyleMasks, DivideOverlapsByTheirSumAndGiveStylesWithoutAMaskTheRest) {
  Job job = two_style_job();
  job.styles.push_back(style_of(wavy_image({30, 30}, 3.1F)));
  const Size size{40, 30};
  job.styles[0].content_mask = shared(columns(size, 0, 20));
  job.styles[1].content_mask = shared(columns(size, 10, 30));
  const auto style_masks = detail::StyleMasks(job, size, 0).masks();
  ASSERT_EQ(style_masks.size(), 3U);
  EXPECT_NEAR(style_masks[0].share, 0.375, 1e-6);  // ten columns alone, ten shared
  EXPECT_NEAR(style_masks[1].share, 0.375, 1e-6);
  EXPECT_EQ(style_masks[2].name, "3");
  EXPECT_NEAR(style_masks[2].share, 0.25, 1e-6);
}

TEST(StyleMasks, CountNeitherTransparentNorUntouchedPixels) {
  Job job = tiny_job();
  const Size size{40, 30};
  job.content = wavy_image(size, 0.3F);
  job.content.alpha01.assign(40 * 30, 1.0F);
  for (std::size_t i = 0; i < job.content.alpha01.size(); ++i) {
    if (i % 40 < 20) job.content.alpha01[i] = 0.0F;
  }
  job.untouched_mask = columns(size, 30, 40);
  const auto style_masks = detail::StyleMasks(job, size, 0).masks();
  ASSERT_EQ(style_masks.size(), 1U);
  EXPECT_EQ(style_masks[0].name, "");
  EXPECT_NEAR(style_masks[0].share, 0.5, 1e-6);
}

TEST(ContentMask, WhiteEverywhereGivesTheImageOfNoMask) {
  Job job = tiny_job();
  const Image plain = run(job).image;
  job.styles[0].content_mask = shared(plain_mask({7, 5}, 1.0F));
  const Image masked = run(job).image;
  for (std::size_t i = 0; i < plain.rgb01.size(); ++i) {
    EXPECT_NEAR(masked.rgb01[i], plain.rgb01[i], 1e-4);
  }
}

TEST(ContentMask, PaintsEachSideInItsOwnStyle) {
  Job job = two_style_job();
  job.styles[0].content_mask = shared(columns({32, 24}, 0, 16));
  job.styles[1].content_mask = shared(columns({32, 24}, 16, 32));
  const std::vector<LossTerm> before = image_loss(job.content, job, network(), {});
  const std::vector<LossTerm> after = image_loss(run(job).image, job, network(), {});
  ASSERT_EQ(before.size(), after.size());
  double sums[2][2] = {};
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (const int side : {0, 1}) {
      if (!before[i].name.starts_with("style " + std::to_string(side + 1))) continue;
      sums[side][0] += before[i].value;
      sums[side][1] += after[i].value;
    }
  }
  for (const auto& side : sums) EXPECT_LT(side[1], 0.8 * side[0]);
}

TEST(StyleMask, TakesOnlyTheWhitePartOfTheStyle) {
  // The style under the black part of the mask does not matter, except where the network sees it
  // from the white part: the masked losses of two such styles nearly agree.
  Job job = tiny_job();
  Image other = *job.styles[0].image;
  for (std::size_t i = 0; i < other.rgb01.size(); ++i) {
    if (i / 3 % 40 >= 36) other.rgb01[i] = 1.0F - other.rgb01[i];
  }
  job.loss.style_layers = {"relu1_1"};
  const auto style_loss = [&](bool masked) {
    Job own = job;
    if (masked) own.styles[0].style_mask = shared(columns({40, 40}, 0, 30));
    own.styles[0].scale = 40.0 / 32.0;
    const auto terms = image_loss(own.content, own, network(), {});
    own.styles[0].image = std::make_shared<Image>(other);
    const auto others = image_loss(own.content, own, network(), {});
    return std::pair{terms[1].value, others[1].value};
  };
  const auto [masked, masked_other] = style_loss(true);
  EXPECT_NEAR(masked, masked_other, 1e-9);
  const auto [plain, plain_other] = style_loss(false);
  EXPECT_GT(std::abs(plain - plain_other), 1e-6);
}

TEST(ContentWeightMask, KeepsMoreOfThePhotoWhereItIsWhite) {
  Job job = tiny_job();
  // A layer with small receptive fields: a position of relu4_2 sees this whole image.
  job.loss.content_layers = {"relu1_2"};
  job.schedule.content_weight = 20.0;
  const auto moved = [](const Image& image, const Image& content) {
    double sums[2] = {};
    for (std::size_t i = 0; i < image.rgb01.size(); ++i) {
      sums[i / 3 % 32 < 16 ? 0 : 1] += std::abs(image.rgb01[i] - content.rgb01[i]);
    }
    return sums[0] / sums[1];
  };
  const double plain = moved(run(job).image, job.content);
  job.content_weight_mask = columns({32, 24}, 0, 16);
  EXPECT_LT(moved(run(job).image, job.content), 0.75 * plain);
}

TEST(Masks, ThatLeaveNothingToDoAreRefused) {
  const auto refused = [](const Job& job, const std::string& flag) {
    try {
      validate(job, network());
      ADD_FAILURE() << flag << " was accepted";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(flag), std::string::npos) << error.what();
    }
  };
  Job job = tiny_job();
  job.styles[0].content_mask = shared(plain_mask({4, 4}, 0.0F));
  refused(job, "content_mask");
  job = tiny_job();
  job.styles[0].style_mask = shared(plain_mask({4, 4}, 0.0F));
  refused(job, "style_mask");
  job = tiny_job();
  job.untouched_mask = plain_mask({4, 4}, 1.0F);
  refused(job, "untouched_mask");
  job = tiny_job();
  job.content_weight_mask = plain_mask({4, 4}, 0.0F);
  refused(job, "content_weight_mask");
}

TEST(Masks, ThatMeetOnlyUntouchedPixelsLeaveAFiniteImage) {
  Job job = two_style_job();
  job.styles[0].content_mask = shared(columns({32, 24}, 0, 16));
  job.untouched_mask = columns({32, 24}, 0, 16);
  const Image image = run(job).image;
  for (const float value : image.rgb01) ASSERT_TRUE(std::isfinite(value));
}

/// Sum of the style terms of an image for one style.
double style_distance(const Image& image, const Job& job, std::size_t style) {
  Job own = job;
  own.styles = {job.styles[style]};
  own.styles[0].blend = 1.0;
  double sum = 0.0;
  for (const LossTerm& term : image_loss(image, own, network(), {})) {
    if (term.name.starts_with("style")) sum += term.value;
  }
  return sum;
}

TEST(StyleMasks, NameStylesWithoutPixels) {
  Job job = two_style_job();
  const Size size = job.content.size;
  EXPECT_TRUE(detail::StyleMasks(job, size, 0).styles_without_pixels().empty());
  job.styles[0].content_mask = shared(columns(size, 0, 10));
  job.untouched_mask = columns(size, 0, 10);
  EXPECT_EQ(detail::StyleMasks(job, size, 3).styles_without_pixels(), std::vector<std::size_t>{1});
  // The second style has what the first leaves, which is nothing.
  job.styles[0].content_mask = shared(plain_mask(size, 1.0F));
  EXPECT_EQ(detail::StyleMasks(job, size, 0).styles_without_pixels(), std::vector<std::size_t>{2});
  job.styles[1].blend = 0.0;
  EXPECT_TRUE(detail::StyleMasks(job, size, 0).styles_without_pixels().empty())
      << "it was asked for";
}

TEST(Masks, ThatLeaveAStyleNoPixelsWarnOnce) {
  Job job = two_style_job();
  job.schedule.passes = 2;
  job.styles[1].content_mask = shared(columns(job.content.size, 0, 10));
  Recorder quiet;
  static_cast<void>(transfer(job, network(), {}, quiet));
  EXPECT_TRUE(quiet.warnings.empty());
  job.untouched_mask = columns(job.content.size, 0, 12);
  Recorder recorder;
  static_cast<void>(transfer(job, network(), {}, recorder));
  ASSERT_EQ(recorder.warnings.size(), 1U);
  EXPECT_NE(recorder.warnings[0].find("style 2 paints nowhere"), std::string::npos);
}

TEST(StyleBlend, GoesFromOneStyleToTheOtherMonotonically) {
  Job job = two_style_job();
  job.schedule.iterations = 25;
  job.schedule.style_weight = 200.0;
  double last_to_first = -1.0;
  double last_to_second = 1e9;
  for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    job.styles[0].blend = 1.0 - share;
    job.styles[1].blend = share;
    const Image image = run(job).image;
    const double to_first = style_distance(image, job, 0);
    const double to_second = style_distance(image, job, 1);
    EXPECT_GT(to_first, last_to_first) << share;
    EXPECT_LT(to_second, last_to_second) << share;
    last_to_first = to_first;
    last_to_second = to_second;
  }
}

TEST(StyleScale, OfEachStyleIsItsOwn) {
  Job job = two_style_job();
  const Image same = run(job).image;
  job.styles[1].scale = 1.7;
  EXPECT_NE(run(job).image.rgb01, same.rgb01);
  // With a weight of 0, its scale has no effect.
  job.styles[1].blend = 0.0;
  const Image alone = run(job).image;
  job.styles[1].scale = 1.0;
  EXPECT_EQ(run(job).image.rgb01, alone.rgb01);
}

}  // namespace
}  // namespace styletransfer
