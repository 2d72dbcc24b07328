// Guarantees of --colors for a run's result, with a tiny network.
#include "engine/color_modes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "styletransfer/image.h"
#include "support/recorder.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

constexpr float kHalfLevel = 0.5F / 255.0F;

Image clear_on_the_left(Image image) {
  image.alpha01.assign(image.rgb01.size() / 3, 1.0F);
  for (std::size_t i = 0; i < image.alpha01.size(); ++i) {
    if (i % static_cast<std::size_t>(image.size.width_px) < 10) image.alpha01[i] = 0.0F;
  }
  return image;
}

class RunColors : public testing::Test {
 protected:
  RunColors() { runtime_.feature_type = c10::kFloat; }

  /// Two passes of different sizes and two styles.
  static Job job_with(Colors colors) {
    Job job = tiny_job();
    job.styles.push_back(style_of(wavy_image({36, 30}, 2.3F), 2.0));
    job.colors = colors;
    job.schedule.pass_list = {{24, 4, {}, {}, {}}, {32, 4, {}, {}, {}}};
    return job;
  }

  Result run(const Job& job) { return transfer(job, network_, runtime_, recorder_); }

  Network network_ = tiny_network();
  Runtime runtime_;
  Recorder recorder_;
};

TEST_F(RunColors, OfTheContentKeepItsChromaToRounding) {
  const Job job = job_with(Colors::kContent);
  const Image painted = run(job).image;
  ASSERT_EQ(painted.size, job.content.size);
  double luma_moved = 0.0;
  for (std::size_t i = 0; i < painted.rgb01.size(); i += 3) {
    for (std::size_t c = 1; c < 3; ++c) {
      ASSERT_NEAR(painted.rgb01[i + c] - painted.rgb01[i],
                  job.content.rgb01[i + c] - job.content.rgb01[i], 1e-6);
    }
    luma_moved += std::abs(painted.rgb01[i] - job.content.rgb01[i]);
  }
  EXPECT_GT(luma_moved * 3.0 / static_cast<double>(painted.rgb01.size()), kHalfLevel);
}

TEST_F(RunColors, OfTheContentHoldForAnInterruptedRunToo) {
  const Job job = job_with(Colors::kContent);
  Recorder stopping(2);
  const Result result = transfer(job, network_, runtime_, stopping);
  EXPECT_EQ(result.stop_reason(), StopReason::kInterrupted);
  const Image content = resized(job.content, result.image.size);
  for (std::size_t i = 0; i < content.rgb01.size(); i += 3) {
    ASSERT_NEAR(result.image.rgb01[i] - result.image.rgb01[i + 2],
                content.rgb01[i] - content.rgb01[i + 2], 1e-6);
  }
}

TEST_F(RunColors, NeutralAreGraysExactly) {
  const Image painted = run(job_with(Colors::kNeutral)).image;
  for (std::size_t i = 0; i < painted.rgb01.size(); i += 3) {
    ASSERT_EQ(painted.rgb01[i], painted.rgb01[i + 1]);
    ASSERT_EQ(painted.rgb01[i], painted.rgb01[i + 2]);
  }
}

TEST_F(RunColors, OfTheStyleOnlyAreTheMixturesWithoutARun) {
  const Job job = job_with(Colors::kStyleOnly);
  const Result result = run(job);
  EXPECT_TRUE(recorder_.steps.empty());
  const ColorStatistics wanted = mixed(
      {color_statistics(*job.styles[0].image), color_statistics(*job.styles[1].image)}, {1.0, 2.0});
  const ColorStatistics got = color_statistics(result.image);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got.mean01[c], wanted.mean01[c], 1e-2);
  for (std::size_t c = 0; c < 9; ++c) EXPECT_NEAR(got.covariance[c], wanted.covariance[c], 1e-2);
}

TEST_F(RunColors, OfTheStylesChromaKeepTheContentsLumaWithoutARun) {
  const Job job = job_with(Colors::kStyleChroma);
  const Result result = run(job);
  EXPECT_TRUE(recorder_.steps.empty());
  ASSERT_EQ(result.image.size, job.content.size);
  double moved = 0.0;
  for (std::size_t i = 0; i < result.image.rgb01.size(); i += 3) {
    ASSERT_NEAR(luma01(&result.image.rgb01[i]), luma01(&job.content.rgb01[i]), 1e-6);
    moved += std::abs(result.image.rgb01[i] - job.content.rgb01[i]);
  }
  EXPECT_GT(moved * 3.0 / static_cast<double>(result.image.rgb01.size()), kHalfLevel);
}

TEST_F(RunColors, ByStatisticsGiveEveryStyleThoseOfTheContent) {
  Job job = job_with(Colors::kContentStatistics);
  job.content = clear_on_the_left(job.content);
  const ColorStatistics wanted = color_statistics(job.content);
  for (const Style& style : detail::job_with_run_colors(job).styles) {
    const ColorStatistics got = color_statistics(*style.image);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got.mean01[c], wanted.mean01[c], 5e-3);
    for (std::size_t c = 0; c < 9; ++c) EXPECT_NEAR(got.covariance[c], wanted.covariance[c], 5e-3);
  }
  EXPECT_EQ(run(job).stop_reason(), StopReason::kFinished);
}

TEST_F(RunColors, DoNotDependOnColorsUnderTransparentPixels) {
  for (const Colors colors :
       {Colors::kContentStatistics, Colors::kContent, Colors::kStyleOnly, Colors::kStyleChroma}) {
    Job job = job_with(colors);
    job.content = clear_on_the_left(job.content);
    job.styles[0] = style_of(clear_on_the_left(*job.styles[0].image));
    const Image before = run(job).image;
    const auto blot = [](Image& image) {
      for (std::size_t i = 0; i < image.alpha01.size(); ++i) {
        if (image.alpha01[i] == 0.0F) image.rgb01[3 * i] = 1.0F;
      }
    };
    blot(job.content);
    Image style = *job.styles[0].image;
    blot(style);
    job.styles[0] = style_of(style);
    const Image after = run(job).image;
    ASSERT_EQ(before.alpha01, after.alpha01);
    for (std::size_t i = 0; i < before.alpha01.size(); ++i) {
      if (before.alpha01[i] < 1.0F) continue;
      for (std::size_t c = 0; c < 3; ++c) {
        ASSERT_NEAR(before.rgb01[3 * i + c], after.rgb01[3 * i + c], 1e-4);
      }
    }
  }
}

TEST_F(RunColors, OfGrayImagesAreFinite) {
  for (const Colors colors : {Colors::kStyle, Colors::kContent, Colors::kContentStatistics,
                              Colors::kStyleOnly, Colors::kStyleChroma, Colors::kNeutral}) {
    Job job = job_with(colors);
    job.schedule.pass_list = {{24, 2, {}, {}, {}}};
    for (const bool gray_content : {true, false}) {
      if (gray_content) job.content = plain_image({32, 24}, 0.5F);
      job.styles = {style_of(plain_image({40, 40}, 0.3F)),
                    style_of(to_grayscale(wavy_image({40, 30}, 1.7F)))};
      for (const float value : run(job).image.rgb01) {
        ASSERT_TRUE(value >= 0.0F && value <= 1.0F);
      }
      job.content = wavy_image({32, 24}, 0.3F);
    }
  }
}

/// Stores the last image it receives.
class LastImage : public Observer {
 public:
  bool wants_image(const StepFinished& /*step*/) override { return true; }
  void on_image(const StepFinished& /*step*/, const Image& image) override { last = image; }
  Image last;
};

TEST_F(RunColors, AreAppliedToIntermediateImages) {
  const Job job = job_with(Colors::kNeutral);
  LastImage observer;
  detail::FinalColors colors(job, observer);
  ASSERT_TRUE(colors.wants_image({}));
  colors.on_image({}, wavy_image({24, 18}, 0.7F));
  EXPECT_EQ(observer.last.rgb01, to_grayscale(wavy_image({24, 18}, 0.7F)).rgb01);
}

TEST_F(RunColors, RunThroughTheStyleLossesOfTransport) {
  for (const StyleLossKind kind :
       {StyleLossKind::kWasserstein, StyleLossKind::kSlicedWasserstein}) {
    Job job = tiny_job();
    job.loss.style_loss = kind;
    job.schedule.pass_list = {{32, 12, {}, {}, {}}};
    const Result result = run(job);
    ASSERT_EQ(result.stop_reason(), StopReason::kFinished);
    EXPECT_LT(result.report.passes[0].last_loss, 0.7 * result.report.passes[0].first_loss);
  }
}

}  // namespace
}  // namespace styletransfer
