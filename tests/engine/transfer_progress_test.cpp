// Progress reports of a run, stopping, and validation of jobs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
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

/// 24, 28 and 32 pixels, with 6, 5 and 4 iterations.
Job three_passes() {
  Job job = tiny_job();
  job.schedule.pass_list.resize(3);
  job.schedule.pass_list[0].size_px = 24;
  job.schedule.pass_list[0].iterations = 6;
  job.schedule.pass_list[1].size_px = 28;
  job.schedule.pass_list[1].iterations = 5;
  job.schedule.pass_list[2].iterations = 4;
  return job;
}

TEST(Progress, ReportsEveryPassAndStepInOrder) {
  Recorder recorder;
  static_cast<void>(transfer(three_passes(), network(), {}, recorder));
  ASSERT_EQ(recorder.passes.size(), 3U);
  const std::vector<int> widths{24, 28, 32};
  const std::vector<int> heights{18, 21, 24};
  const std::vector<int> iterations{6, 5, 4};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(recorder.passes[i].pass_index, static_cast<int>(i));
    EXPECT_EQ(recorder.passes[i].pass_count, 3);
    EXPECT_EQ(recorder.passes[i].width_px, widths[i]);
    EXPECT_EQ(recorder.passes[i].height_px, heights[i]);
    EXPECT_EQ(recorder.passes[i].iterations, iterations[i]);
  }
  ASSERT_EQ(recorder.steps.size(), 15U);
  std::size_t step = 0;
  for (int pass = 0; pass < 3; ++pass) {
    for (int iteration = 1; iteration <= iterations[static_cast<std::size_t>(pass)]; ++iteration) {
      EXPECT_EQ(recorder.steps[step].pass_index, pass);
      EXPECT_EQ(recorder.steps[step].iteration, iteration);
      ++step;
    }
  }
}

TEST(Progress, FractionDoneGrowsToExactlyOneInUnitsOfPixelsAndSteps) {
  Recorder recorder;
  static_cast<void>(transfer(three_passes(), network(), {}, recorder));
  const double work = 24 * 18 * 6 + 28 * 21 * 5 + 32 * 24 * 4;
  EXPECT_NEAR(recorder.steps.front().fraction_done, 24 * 18 / work, 1e-9);
  EXPECT_NEAR(recorder.steps[5].fraction_done, 24 * 18 * 6 / work, 1e-9);
  EXPECT_NEAR(recorder.steps.back().fraction_done, 1.0, 1e-12);
  for (std::size_t i = 1; i < recorder.steps.size(); ++i) {
    EXPECT_GT(recorder.steps[i].fraction_done, recorder.steps[i - 1].fraction_done);
    EXPECT_GE(recorder.steps[i].seconds_since_start, recorder.steps[i - 1].seconds_since_start);
  }
}

TEST(Progress, TermsAddUpToTheLossOfEveryStep) {
  Recorder recorder;
  static_cast<void>(transfer(three_passes(), network(), {}, recorder));
  for (const StepFinished& step : recorder.steps) {
    double sum = 0.0;
    for (const LossTerm& term : step.terms) sum += term.value;
    EXPECT_NEAR(sum, step.loss, 1e-9 * step.loss);
  }
}

TEST(Stopping, KeepsTheBestImageSoFar) {
  Job job = tiny_job();
  Recorder recorder(5);
  const Result result = transfer(job, network(), {}, recorder);
  EXPECT_EQ(result.stop_reason(), StopReason::kInterrupted);
  EXPECT_EQ(recorder.steps.size(), 5U);
  double best = recorder.steps.front().loss;
  for (const StepFinished& step : recorder.steps) best = std::min(best, step.loss);
  double loss = 0.0;
  for (const LossTerm& term : image_loss(result.image, job, network(), {})) loss += term.value;
  EXPECT_NEAR(loss, best, 1e-4 * best);
}

TEST(Stopping, RunsNoFurtherPass) {
  Recorder recorder(8);
  const Result result = transfer(three_passes(), network(), {}, recorder);
  EXPECT_EQ(result.stop_reason(), StopReason::kInterrupted);
  EXPECT_EQ(result.report.passes.size(), 2U);
  EXPECT_EQ(recorder.passes.size(), 2U);
  EXPECT_FALSE(result.image.empty());
}

TEST(Stopping, AtTheVeryFirstStepKeepsTheStart) {
  Job job = tiny_job();
  Recorder recorder(1);
  const Result result = transfer(job, network(), {}, recorder);
  ASSERT_EQ(result.image.rgb01.size(), job.content.rgb01.size());
  for (std::size_t i = 0; i < job.content.rgb01.size(); ++i) {
    ASSERT_NEAR(result.image.rgb01[i], job.content.rgb01[i], 1e-5F);
  }
}

std::string refusal(const std::function<void(Job&)>& change) {
  Job job = tiny_job();
  change(job);
  try {
    validate(job, network());
  } catch (const UsageError& error) {
    // A run rejects the same job before any work.
    Recorder recorder;
    EXPECT_THROW(static_cast<void>(transfer(job, network(), {}, recorder)), UsageError);
    EXPECT_TRUE(recorder.passes.empty());
    return error.what();
  }
  return "taken";
}

void expect_refused(const std::function<void(Job&)>& change, const std::vector<std::string>& said) {
  const std::string message = refusal(change);
  for (const std::string& part : said) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << message << "' lacks " << part;
  }
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(Validate, AcceptsAValidJob) {
  EXPECT_EQ(refusal([](Job&) {}), "taken");
}

TEST(Validate, RefusesAJobWithoutStyles) {
  expect_refused([](Job& job) { job.styles.clear(); }, {"style"});
}

TEST(Validate, SuggestsNearLayerNames) {
  expect_refused([](Job& job) { job.loss.style_layers = {"rleu2_1"}; },
                 {"'rleu2_1'", "did you mean 'relu2_1'"});
  expect_refused([](Job& job) { job.loss.content_layers = {"relu4-2"}; },
                 {"'relu4-2'", "did you mean 'relu4_2'"});
  expect_refused([](Job& job) { job.loss.content_layers = {"mixed_7b"}; },
                 {"'mixed_7b'", "conv1_1", "pool5"});
}

TEST(Validate, RefusesImagesTooSmallForTheLayersNamingSizeAndRemedy) {
  expect_refused([](Job& job) { job.schedule.size_px = 20; }, {"20x15", "16", "size"});
  expect_refused([](Job& job) { job.content = wavy_image({320, 100}, 1.0F); }, {"32x10", "16"});
  expect_refused(
      [](Job& job) {
        job.styles[0].image = std::make_shared<Image>(wavy_image({400, 100}, 1.0F));
      },
      {"style", "32x8", "16"});
}

TEST(Validate, TakesSmallImagesWhereTheLayersAreShallow) {
  EXPECT_EQ(refusal([](Job& job) {
              job.loss.content_layers = {"relu2_1"};
              job.loss.style_layers = {"relu1_1", "relu2_1"};
              job.content = wavy_image({320, 30}, 1.0F);
            }),
            "taken");
}

TEST(Validate, RefusesBadBlendWeights) {
  for (const double bad : {-1.0, std::nan(""), 0.0}) {
    expect_refused([bad](Job& job) { job.styles[0].blend = bad; }, {"style_blend"});
  }
}

TEST(Validate, RefusesBadStyleScales) {
  for (const double bad : {0.0, -1.0, 100.0, std::nan("")}) {
    expect_refused([bad](Job& job) { job.styles.front().scale = bad; },
                   {"style_scale", "0.05", "20"});
  }
}

TEST(Validate, RefusesBadMarginsAndImagesSmallerThanTheirMargin) {
  expect_refused([](Job& job) { job.margin_px = -1; }, {"margin", "-1", "0 to 256"});
  expect_refused([](Job& job) { job.margin_px = 257; }, {"margin", "257"});
  expect_refused([](Job& job) { job.margin_px = 24; }, {"32x24", "25"});
}

TEST(Validate, RefusesWhatTheScheduleAndTheOptimizerRefuse) {
  expect_refused([](Job& job) { job.schedule.size_px = 7; }, {"size", "7"});
  expect_refused([](Job& job) { job.optimizer.history = 0; }, {"history", "0"});
}

TEST(Validate, RefusesEmptyImages) {
  expect_refused([](Job& job) { job.content = {}; }, {"content"});
  expect_refused([](Job& job) { job.styles[0].image = {}; }, {"style"});
  expect_refused([](Job& job) { job.init.kind = InitKind::kImage; }, {"init"});
}

}  // namespace
}  // namespace styletransfer
