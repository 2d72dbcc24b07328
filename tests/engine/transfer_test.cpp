#include "styletransfer/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <string>
#include <vector>

#include "styletransfer/error.h"
#include "styletransfer/progress.h"
#include "support/recorder.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

const Network& network() {
  static const Network kNetwork = tiny_network();
  return kNetwork;
}

Result run(const Job& job, const Runtime& runtime = {}) {
  Recorder recorder;
  return transfer(job, network(), runtime, recorder);
}

double loss_of(const Image& image, const Job& job) {
  double sum = 0.0;
  for (const LossTerm& term : image_loss(image, job, network(), {})) sum += term.value;
  return sum;
}

bool in_range(const Image& image) {
  return std::all_of(image.rgb01.begin(), image.rgb01.end(), [](float value) {
    return std::isfinite(value) && value >= 0.0F && value <= 1.0F;
  });
}

/// Largest difference of two images of the same size.
float distance(const Image& a, const Image& b) {
  EXPECT_EQ(a.size, b.size);
  float largest = 0.0F;
  for (std::size_t i = 0; i < std::min(a.rgb01.size(), b.rgb01.size()); ++i) {
    largest = std::max(largest, std::abs(a.rgb01[i] - b.rgb01[i]));
  }
  return largest;
}

TEST(Transfer, LowersTheLossOfTheImageDelivered) {
  for (const LossKind kind : {LossKind::kRelative, LossKind::kClassic}) {
    Job job = tiny_job();
    job.loss.kind = kind;
    job.schedule.loss = kind;
    const Result result = run(job);
    EXPECT_EQ(result.stop_reason(), StopReason::kFinished);
    EXPECT_EQ(result.image.size, job.content.size);
    EXPECT_TRUE(in_range(result.image));
    EXPECT_LT(loss_of(result.image, job), 0.8 * loss_of(job.content, job));
  }
}

TEST(Transfer, DeliversTheLossItReports) {
  const Job job = tiny_job();
  const Result result = run(job);
  ASSERT_EQ(result.report.passes.size(), 1U);
  const PassReport& report = result.report.passes.front();
  EXPECT_NEAR(loss_of(result.image, job), report.last_loss, 1e-4 * report.last_loss);
  EXPECT_NEAR(report.first_loss, loss_of(job.content, job), 1e-4 * report.first_loss);
  EXPECT_EQ(report.evaluations, job.schedule.iterations);
  EXPECT_EQ(report.pass.size, job.content.size);
  EXPECT_GT(report.seconds, 0.0);
}

TEST(Transfer, GivesTheSameBytesForTheSameSeed) {
  Job job = tiny_job();
  job.init.kind = InitKind::kNoise;
  job.init.seed = 7;
  const Result first = run(job);
  EXPECT_EQ(run(job).image.rgb01, first.image.rgb01);
  job.init.seed = 8;
  EXPECT_NE(run(job).image.rgb01, first.image.rgb01);
}

TEST(Transfer, StartsFromTheContentNoiseOrAnImage) {
  Job job = tiny_job();
  job.schedule.iterations = 0;
  EXPECT_EQ(run(job).image.rgb01, job.content.rgb01);
  job.init.kind = InitKind::kNoise;
  const Result noise = run(job);
  EXPECT_EQ(noise.image.size, job.content.size);
  EXPECT_GT(distance(noise.image, job.content), 0.1F);
  job.init.kind = InitKind::kImage;
  job.init.image = wavy_image({64, 48}, 2.0F);
  EXPECT_EQ(run(job).image.rgb01, resized(job.init.image, {32, 24}).rgb01);
}

TEST(Transfer, WithContentAsStyleAndStartEndsWithTheContent) {
  Job job = tiny_job();
  job.styles = {style_of(job.content)};
  job.schedule.tv_weight = 0.0;
  for (const LossKind kind : {LossKind::kRelative, LossKind::kClassic}) {
    job.loss.kind = kind;
    Recorder recorder;
    const Result result = transfer(job, network(), {}, recorder);
    EXPECT_EQ(result.stop_reason(), StopReason::kFinished);
    EXPECT_LT(distance(result.image, job.content), 0.5F / 255.0F);
  }
}

TEST(Transfer, WithContentAsStyleAndStartRaisesNoAlarm) {
  Job job = tiny_job();
  job.styles = {style_of(job.content)};
  job.schedule.tv_weight = 0.0;
  Recorder recorder;
  static_cast<void>(transfer(job, network(), {}, recorder));
  EXPECT_TRUE(recorder.warnings.empty()) << recorder.warnings.front();
}

TEST(Transfer, StaysFiniteForBlackAndWhiteImages) {
  for (const float content : {0.0F, 1.0F}) {
    for (const float style : {0.0F, 1.0F}) {
      Job job = tiny_job();
      job.content = plain_image({32, 24}, content);
      job.styles = {style_of(plain_image({32, 32}, style))};
      const Result result = run(job);
      EXPECT_TRUE(in_range(result.image)) << content << " " << style;
      EXPECT_EQ(result.stop_reason(), StopReason::kFinished) << content << " " << style;
    }
  }
}

TEST(Transfer, BlendsTwoStylesByTheRatioOfTheirWeightsAlone) {
  Job job = tiny_job();
  job.styles.push_back(style_of(wavy_image({30, 50}, 2.3F), 7.0));
  job.styles[0].blend = 3.0;
  const Result small = run(job);
  job.styles[0].blend = 30.0;
  job.styles[1].blend = 70.0;
  EXPECT_LT(distance(run(job).image, small.image), 1e-3F);
  job.styles[0].blend = 70.0;
  job.styles[1].blend = 30.0;
  EXPECT_GT(distance(run(job).image, small.image), 0.02F);
}

TEST(Transfer, WithABlendOfOneAndZeroIsExactlyTheFirstStyleAlone) {
  Job job = tiny_job();
  const Result alone = run(job);
  job.styles.push_back(style_of(wavy_image({30, 50}, 2.3F), 0.0));
  EXPECT_EQ(run(job).image.rgb01, alone.image.rgb01);
}

TEST(Transfer, StyleScaleChangesTheSizeTheStyleIsSeenAt) {
  Job job = tiny_job();
  job.styles = {style_of(wavy_image({80, 80}, 1.1F))};
  const Result plain = run(job);
  job.styles.front().scale = 2.0;
  EXPECT_GT(distance(run(job).image, plain.image), 0.02F);
}

TEST(Transfer, CarriesTheContentsAlpha) {
  Job job = tiny_job();
  for (int i = 0; i < 32 * 24; ++i) {
    job.content.alpha01.push_back(static_cast<float>(i % 32) / 31.0F);
  }
  const Result result = run(job);
  EXPECT_EQ(result.image.alpha01, job.content.alpha01);
  job.schedule.size_px = 24;
  EXPECT_EQ(run(job).image.alpha01, resized(job.content, {24, 18}).alpha01);
  EXPECT_FALSE(run(tiny_job()).image.has_alpha());
}

TEST(Transfer, RunsTheGrowingScheduleEachPassFromTheLast) {
  Job job = tiny_job();
  job.schedule.pass_list.resize(3);
  job.schedule.pass_list[0].size_px = 24;
  job.schedule.pass_list[1].size_px = 28;
  job.schedule.pass_list[2].iterations = 4;
  const Result result = run(job);
  ASSERT_EQ(result.report.passes.size(), 3U);
  EXPECT_EQ(result.report.passes[0].pass.size, (Size{24, 18}));
  EXPECT_EQ(result.report.passes[1].pass.size, (Size{28, 21}));
  EXPECT_EQ(result.image.size, (Size{32, 24}));
  EXPECT_TRUE(in_range(result.image));
  EXPECT_LT(result.report.passes[2].last_loss, result.report.passes[2].first_loss);
  // The coarse passes affect the result of the last one.
  job.schedule.pass_list.erase(job.schedule.pass_list.begin(), job.schedule.pass_list.begin() + 2);
  EXPECT_GT(distance(run(job).image, result.image), 0.02F);
}

TEST(Transfer, PassesAtOneSizeAreOneLongSearch) {
  // Every pass evaluates the last image once more: three of twelve iterations are one of 34.
  for (const OptimizerKind optimizer : {OptimizerKind::kLbfgs, OptimizerKind::kAdam}) {
    Job job = tiny_job();
    job.optimizer.kind = optimizer;
    job.margin_px = 5;
    job.schedule.iterations = 12;
    job.schedule.passes = 3;
    const Result chained = run(job);
    job.schedule.iterations = 34;
    job.schedule.passes = 1;
    EXPECT_EQ(chained.image.rgb01, run(job).image.rgb01);
    ASSERT_EQ(chained.report.passes.size(), 3U);
    for (const PassReport& pass : chained.report.passes) EXPECT_EQ(pass.evaluations, 12);
    for (std::size_t i = 1; i < 3; ++i) {
      EXPECT_NEAR(chained.report.passes[i].first_loss, chained.report.passes[i - 1].last_loss,
                  1e-3 * chained.report.passes[i].first_loss);
      EXPECT_LT(chained.report.passes[i].last_loss, chained.report.passes[i - 1].last_loss);
    }
  }
}

TEST(Transfer, APassWithOtherWeightsStartsOverFromTheLastImage) {
  Job job = tiny_job();
  job.schedule.pass_list.resize(2);
  job.schedule.pass_list[1].style_weight = 3.0;
  const Result chained = run(job);
  Job second = job;
  second.schedule.pass_list.erase(second.schedule.pass_list.begin());
  job.schedule.pass_list.pop_back();
  second.init = {.kind = InitKind::kImage, .image = run(job).image};
  EXPECT_EQ(chained.image.rgb01, run(second).image.rgb01);
}

TEST(Transfer, DeliversAImageInRangeFromALastPassOfNoSteps) {
  Job job = tiny_job();
  // Stripes from black to white: the detail added after enlarging overshoots both ends.
  for (std::size_t i = 0; i < job.content.rgb01.size(); ++i) {
    job.content.rgb01[i] = i / 3 % 2 == 0 ? 0.0F : 1.0F;
  }
  job.schedule.pass_list.resize(2);
  job.schedule.pass_list[0].size_px = 24;
  job.schedule.pass_list[1].iterations = 0;
  EXPECT_TRUE(in_range(run(job).image));
}

TEST(Transfer, WithoutIterationsReturnsTheContentAtTheSizeAskedFor) {
  Job job = tiny_job();
  job.schedule.iterations = 0;
  job.schedule.size_px = 20;
  const Result result = run(job);
  EXPECT_EQ(result.stop_reason(), StopReason::kFinished);
  EXPECT_EQ(result.image.rgb01, resized(job.content, {20, 15}).rgb01);
}

TEST(Transfer, CropsTheMargin) {
  Job job = tiny_job();
  for (const int margin_px : {1, 7, 16}) {
    job.margin_px = margin_px;
    const Result result = run(job);
    EXPECT_EQ(result.image.size, job.content.size);
    EXPECT_EQ(result.report.passes.front().pass.size, job.content.size);
    const PassReport& report = result.report.passes.front();
    EXPECT_LT(report.last_loss, 0.8 * report.first_loss);
  }
}

TEST(Transfer, WithAMarginAndNothingToChangeDeliversTheContent) {
  // Neither shifted nor mirrored: with only the content term, the result is the content.
  Job job = tiny_job();
  job.margin_px = 9;
  job.schedule.style_weight = 0.0;
  job.schedule.tv_weight = 0.0;
  EXPECT_LT(distance(run(job).image, job.content), 0.5F / 255.0F);
}

TEST(Transfer, HasAMarginByDefaultForTheRelativeLossOnly) {
  EXPECT_EQ(default_margin_px(LossKind::kRelative), 16);
  EXPECT_EQ(default_margin_px(LossKind::kClassic), 0);
  Job job = tiny_job();
  job.margin_px.reset();
  const Result by_default = run(job);
  job.margin_px = 16;
  EXPECT_EQ(run(job).image.rgb01, by_default.image.rgb01);
}

TEST(Transfer, WorksInBfloat16) {
  Job job = tiny_job();
  Runtime runtime;
  runtime.feature_type = c10::kBFloat16;
  const Result result = run(job, runtime);
  EXPECT_TRUE(in_range(result.image));
  EXPECT_LT(loss_of(result.image, job), 0.8 * loss_of(job.content, job));
}

TEST(TransferSession, GivesEveryJobTheResultOfItsOwnSession) {
  const Runtime runtime;
  TransferSession session(network(), runtime);
  Recorder recorder;
  std::vector<Job> jobs(4, tiny_job());
  jobs[1].content = wavy_image({30, 36}, 0.7F);
  jobs[2].styles = {style_of(wavy_image({36, 30}, 2.9F))};
  jobs[3].loss.pooling = Pooling::kAverage;
  for (const Job& job : jobs) {
    EXPECT_EQ(session.transfer(job, recorder).image.rgb01, run(job).image.rgb01);
    EXPECT_EQ(session.transfer(job, recorder).image.rgb01, run(job).image.rgb01) << "once more";
  }
}

TEST(TransferSession, NeedsTheNetworksWeightsNoMoreOnceItIsPrepared) {
  const Runtime runtime;
  Network emptied = network();
  TransferSession session(emptied, runtime);
  const Job job = tiny_job();
  session.prepare(job.loss);
  for (Layer& layer : emptied.layers) layer.weight = layer.bias = at::Tensor();
  Recorder recorder;
  EXPECT_EQ(session.transfer(job, recorder).image.rgb01, run(job).image.rgb01);
}

TEST(TransferSession, RunsJobsOfSeveralThreadsAtOnceAsOneAfterAnother) {
  Runtime runtime;
  runtime.threads = 1;
  TransferSession session(network(), runtime);
  std::vector<Job> jobs(6, tiny_job());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].content = wavy_image({32, 24}, 0.2F * static_cast<float>(i));
    jobs[i].jobs_at_once = static_cast<int>(jobs.size());
  }
  const auto painted = [&](const Job& job) {
    use_threads_of(runtime);
    Recorder recorder;
    return session.transfer(job, recorder).image.rgb01;
  };
  std::vector<std::future<std::vector<float>>> at_once;
  for (const Job& job : jobs) {
    at_once.push_back(std::async(std::launch::async, [&] { return painted(job); }));
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::vector<float> here = at_once[i].get();
    EXPECT_EQ(here, std::async(std::launch::async, [&] { return painted(jobs[i]); }).get());
  }
}

TEST(ImageLoss, NamesTheTermsAndAddsUpToTheReport) {
  const Job job = tiny_job();
  const std::vector<LossTerm> terms = image_loss(job.content, job, network(), {});
  ASSERT_EQ(terms.size(), 7U);
  EXPECT_EQ(terms.front().name, "content relu4_2");
  EXPECT_NEAR(terms.front().value, 0.0, 1e-12);
  EXPECT_EQ(terms.back().name, "total variation");
}

TEST(ImageLoss, RefusesAImageTooSmallForTheLayers) {
  EXPECT_THROW(static_cast<void>(image_loss(wavy_image({15, 40}, 1.0F), tiny_job(), network(), {})),
               UsageError);
}

}  // namespace
}  // namespace styletransfer
