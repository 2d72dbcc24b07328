// A resumed run gives exactly the image of an uninterrupted one.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "engine/run_state.h"
#include "styletransfer/checkpoint.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"
#include "styletransfer/runtime.h"
#include "styletransfer/transfer.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// Saves the state after a number of steps, counted over all passes, and may stop the run there.
class Saver : public Observer {
 public:
  Saver(int save_at, bool stop_there, std::string path)
      : save_at_(save_at), stop_there_(stop_there), path_(std::move(path)) {}

  void on_schedule(const std::vector<PassStarted>& passes) override { schedule = passes; }
  Continue on_step_finished(const StepFinished& step) override {
    steps.push_back(step);
    return stop_there_ && is_due() ? Continue::kStop : Continue::kYes;
  }
  bool wants_checkpoint(bool is_stopping) override {
    EXPECT_EQ(is_stopping, stop_there_ && is_due());
    return is_due();
  }
  void on_checkpoint(const Checkpoint& checkpoint) override {
    save_checkpoint(checkpoint, "binding", path_);
  }
  bool wants_image(const StepFinished& step) override { return step.iteration % 5 == 0; }
  void on_image(const StepFinished& step, const Image& image) override {
    images.emplace_back(step.iteration, image);
  }

  std::vector<PassStarted> schedule;
  std::vector<StepFinished> steps;
  std::vector<std::pair<int, Image>> images;

 private:
  [[nodiscard]] bool is_due() const { return static_cast<int>(steps.size()) == save_at_; }

  int save_at_;
  bool stop_there_;
  std::string path_;
};

class RunResume : public testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }

  Result run(const Job& job, int save_at = 0, bool stop_there = false,
             std::optional<Checkpoint> from = std::nullopt) {
    Saver saver(save_at, stop_there, path_);
    Result result =
        TransferSession(network_, runtime_)
            .transfer(job, saver, from ? std::make_shared<Checkpoint>(std::move(*from)) : nullptr);
    steps_ = saver.steps;
    return result;
  }

  /// Stops after each of these steps and resumes from the file.
  void expect_same_from(const Job& job, const std::vector<int>& stops) {
    const Result whole = run(job);
    const int steps = static_cast<int>(steps_.size());
    for (const int stop : stops) {
      SCOPED_TRACE(stop);
      const Result stopped = run(job, stop, /*stop_there=*/true);
      EXPECT_EQ(stopped.stop_reason(), StopReason::kInterrupted);
      const Result resumed = run(job, 0, false, load_checkpoint(path_).checkpoint);
      EXPECT_EQ(static_cast<int>(steps_.size()), steps - stop);
      expect_same(resumed, whole);
    }
  }

  static void expect_same(const Result& got, const Result& wanted) {
    EXPECT_EQ(got.stop_reason(), wanted.stop_reason());
    EXPECT_EQ(got.image.rgb01, wanted.image.rgb01);
    EXPECT_EQ(got.image.alpha01, wanted.image.alpha01);
    ASSERT_EQ(got.report.passes.size(), wanted.report.passes.size());
    for (std::size_t i = 0; i < got.report.passes.size(); ++i) {
      EXPECT_EQ(got.report.passes[i].evaluations, wanted.report.passes[i].evaluations);
      EXPECT_EQ(got.report.passes[i].first_loss, wanted.report.passes[i].first_loss);
      EXPECT_EQ(got.report.passes[i].last_loss, wanted.report.passes[i].last_loss);
      EXPECT_EQ(got.report.passes[i].stop_reason, wanted.report.passes[i].stop_reason);
      EXPECT_EQ(got.report.passes[i].plan, wanted.report.passes[i].plan);
      EXPECT_EQ(got.report.passes[i].last_terms.size(), wanted.report.passes[i].last_terms.size());
    }
  }

  Network network_ = tiny_network();
  Runtime runtime_;
  std::string path_ =
      (fs::temp_directory_path() /
       ("run_resume_test." + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
        "." + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".state"))
          .string();
  std::vector<StepFinished> steps_;
};

/// 9 + 6 steps.
Job two_passes() {
  Job job = tiny_job();
  job.margin_px = 3;
  PassOverrides pass;
  pass.size_px = 24;
  pass.iterations = 9;
  job.schedule.pass_list.push_back(pass);
  pass.size_px = 32;
  pass.iterations = 6;
  job.schedule.pass_list.push_back(pass);
  return job;
}

TEST_F(RunResume, GivesTheSameImageFromEveryStepWithBothOptimizers) {
  for (const OptimizerKind kind : {OptimizerKind::kLbfgs, OptimizerKind::kAdam}) {
    Job job = two_passes();
    job.optimizer.kind = kind;
    job.optimizer.history = 4;
    expect_same_from(job, {1, 2, 5, 8, 9, 10, 14, 15});
  }
}

TEST_F(RunResume, GivesTheSameImageOfPassesThatAreOneSearch) {
  Job job = tiny_job();
  job.margin_px = 3;
  job.schedule.passes = 3;
  job.schedule.iterations = 5;
  expect_same_from(job, {4, 5, 6, 10, 11});
}

TEST_F(RunResume, GivesTheSameImageOnTheGrowingScheduleAndFromNoise) {
  Job job = tiny_job();
  job.content = wavy_image({240, 60}, 0.3F);
  job.schedule.size_px = 240;
  job.schedule.iterations = 4;
  job.init.kind = InitKind::kNoise;
  expect_same_from(job, {3, 6, 8});
}

TEST_F(RunResume, GivesTheSameImageOfAPassWithDownsampledLoss) {
  Job job = tiny_job();
  job.content = wavy_image({256, 192}, 0.3F);
  job.styles = {style_of(wavy_image({256, 256}, 1.1F))};
  job.preview_px = 64;
  job.schedule.size_px = 256;
  job.schedule.passes = 1;
  job.schedule.iterations = 6;
  expect_same_from(job, {2, 5});
}

TEST_F(RunResume, GivesTheSameImageOfATransparentContent) {
  Job job = two_passes();
  job.content.alpha01.assign(job.content.rgb01.size() / 3, 1.0F);
  for (std::size_t i = 0; i < job.content.alpha01.size() / 2; ++i) job.content.alpha01[i] = 0.25F;
  expect_same_from(job, {4, 12});
}

TEST_F(RunResume, KeepsTheMemoryPlanOfTheResumedRun) {
  Job job = tiny_job();
  job.content = wavy_image({320, 240}, 0.3F);
  job.schedule.size_px = 320;
  job.schedule.passes = 1;
  job.schedule.iterations = 6;
  const Result whole = run(job, 3);
  EXPECT_EQ(whole.report.passes.front().plan, "whole image");
  detail::RunState state = detail::run_state_of(load_checkpoint(path_).checkpoint);
  // As if it had been planned with slightly less memory than the whole image takes.
  state.memory_left_bytes = whole.report.passes.front().memory.total() - 1;
  const Result resumed = run(job, 0, false, detail::checkpoint_of(state));
  EXPECT_NE(resumed.report.passes.front().plan, "whole image");
}

TEST_F(RunResume, ContinuesAfterAPassThatAPlateauEnded) {
  Job job = two_passes();
  job.schedule.pass_list[0].iterations = 60;
  job.stopping.on_plateau = true;
  job.stopping.plateau_percent = 20.0;
  job.stopping.plateau_window = 4;
  const Result whole = run(job);
  EXPECT_EQ(whole.report.passes.front().stop_reason, StopReason::kPlateau);
  const int first = whole.report.passes.front().evaluations;
  ASSERT_LT(first, 60);
  expect_same_from(job, {first - 2, first, first + 1});
}

TEST_F(RunResume, CountsTheTimeOfTheRunBefore) {
  const Job job = two_passes();
  static_cast<void>(run(job, 4, true));
  detail::RunState state = detail::run_state_of(load_checkpoint(path_).checkpoint);
  EXPECT_GT(state.seconds, 0.0);
  state.seconds = 1000.0;
  static_cast<void>(run(job, 0, false, detail::checkpoint_of(state)));
  EXPECT_GE(steps_.front().seconds_since_start, 1000.0);
  EXPECT_EQ(steps_.front().iteration, 5);
}

TEST_F(RunResume, RefusesAStateOfAnotherSize) {
  Job job = two_passes();
  static_cast<void>(run(job, 4, true));
  job.schedule.pass_list[0].size_px = 26;
  EXPECT_THROW(static_cast<void>(run(job, 0, false, load_checkpoint(path_).checkpoint)),
               UsageError);
}

TEST_F(RunResume, ShowsImagesAtTheSizeOfThePass) {
  Saver saver(0, false, path_);
  static_cast<void>(TransferSession(network_, runtime_).transfer(two_passes(), saver));
  ASSERT_EQ(saver.images.size(), 2U);
  EXPECT_EQ(saver.images[0].second.size, (Size{24, 18}));
  EXPECT_EQ(saver.images[1].second.size, (Size{32, 24}));
  ASSERT_EQ(saver.schedule.size(), 2U);
  EXPECT_EQ(saver.schedule[1].padded_px, 38 * 30);
}

TEST_F(RunResume, AStateFileIsRefusedWhereverABitIsChanged) {
  static_cast<void>(run(two_passes(), 12, true));
  EXPECT_EQ(load_checkpoint(path_).fingerprint, "binding");
  std::ifstream in(path_, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto refusal = [&](std::string changed) -> std::string {
    std::ofstream(path_, std::ios::binary)
        .write(changed.data(), static_cast<std::streamsize>(changed.size()));
    try {
      static_cast<void>(load_checkpoint(path_));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "taken";
  };
  for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 97) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    EXPECT_NE(refusal(changed), "taken") << at;
  }
  EXPECT_NE(refusal(bytes.substr(0, bytes.size() - 1)), "taken");
  EXPECT_NE(refusal(bytes + "x"), "taken");
  EXPECT_NE(refusal(bytes.substr(0, 5)), "taken");
  EXPECT_NE(refusal(""), "taken");
  EXPECT_EQ(refusal(bytes), "taken");
  fs::remove(path_);
  EXPECT_THROW(static_cast<void>(load_checkpoint(path_)), UsageError);
}

TEST(TimeLimit, ReachesTheLastPassAndFinishes) {
  Job job = two_passes();
  job.schedule.pass_list[0].iterations = 100000;
  job.schedule.pass_list[1].iterations = 100000;
  job.stopping.time_limit_seconds = 1.0;
  Saver saver(0, false, "");
  const Network network = tiny_network();
  const Runtime runtime;
  const Result result = TransferSession(network, runtime).transfer(job, saver);
  EXPECT_EQ(result.stop_reason(), StopReason::kFinished);
  ASSERT_EQ(result.report.passes.size(), 2U);
  EXPECT_EQ(result.report.passes[0].stop_reason, StopReason::kTimeLimit);
  EXPECT_EQ(result.report.passes[1].stop_reason, StopReason::kTimeLimit);
  EXPECT_GT(result.report.passes[1].evaluations, 1);
  EXPECT_EQ(result.image.size, (Size{32, 24}));
  EXPECT_LT(saver.steps.back().seconds_since_start, 2.0);
}

}  // namespace
}  // namespace styletransfer
