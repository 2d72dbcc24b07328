#include "styletransfer/fast_training.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/import.h>

#include <fstream>
#include <optional>
#include <utility>

#include "styletransfer/error.h"
#include "styletransfer/runtime.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "support/training_folder.h"

namespace styletransfer {
namespace {

class FastTraining : public testing::Test {
 protected:
  FastTraining() {
    job_.photo_paths = folder_.photos(6);
    job_.styles.push_back(style_of(wavy_image({40, 40}, 1.9F)));
    job_.weights = default_weights(LossKind::kRelative);
    job_.options.shape = {4, 1};
    job_.options.size_px = 32;
    job_.options.limits.iterations = 12;
    job_.options.check_every = 4;
    job_.options.learning_rate = 1e-2;
  }

  FastTrainingResult train(Observer& observer, std::optional<Checkpoint> from = std::nullopt) {
    return train_fast(job_, network_, runtime_, observer, std::move(from));
  }

  static void expect_same(const FastTrainingResult& got, const FastTrainingResult& wanted) {
    ASSERT_EQ(got.weights.size(), wanted.weights.size());
    for (const auto& [name, tensor] : wanted.weights) {
      EXPECT_TRUE(at::equal(got.weights.at(name), tensor)) << name;
    }
    EXPECT_EQ(got.validation_loss, wanted.validation_loss);
  }

  TrainingFolder folder_{"fast_training"};
  Network network_ = tiny_network();
  Runtime runtime_ = resolve_runtime({"cpu", Precision::kFloat32, 1});
  FastTrainingJob job_;
  TrainingRecorder recorder_;
};

TEST_F(FastTraining, LowersTheLossOfPhotosItDoesNotLearnFrom) {
  job_.options.limits.iterations = 60;
  job_.options.check_every = 10;
  const FastTrainingResult result = train(recorder_);
  ASSERT_EQ(recorder_.checks.size(), 6U);
  EXPECT_LT(recorder_.checks.back().loss, 0.8 * recorder_.checks.front().loss);
  EXPECT_EQ(result.validation_loss, recorder_.checks.back().best_loss);
  EXPECT_LT(*result.validation_loss, *result.photo_loss);
}

TEST_F(FastTraining, ResumedGivesTheBitsOfOneThatNeverStopped) {
  const FastTrainingResult whole = train(recorder_);
  for (const int stop : {3, 4, 9}) {
    SCOPED_TRACE(stop);
    const std::string path = folder_.file("state");
    TrainingRecorder stopping(stop, path);
    EXPECT_EQ(train(stopping).stop_reason, StopReason::kInterrupted);
    SavedCheckpoint saved = load_checkpoint(path);
    EXPECT_EQ(saved.fingerprint, "binding");
    TrainingRecorder rest;
    const FastTrainingResult resumed = train(rest, std::move(saved.checkpoint));
    EXPECT_EQ(rest.steps.front().iteration, stop + 1);
    expect_same(resumed, whole);
  }
}

TEST_F(FastTraining, SameSeedGivesTheSameNetworkAndAnotherSeedAnother) {
  const FastTrainingResult first = train(recorder_);
  expect_same(train(recorder_), first);
  job_.options.seed = 1;
  EXPECT_FALSE(
      at::equal(train(recorder_).weights.at("input.weight"), first.weights.at("input.weight")));
}

TEST_F(FastTraining, WritesAFileThatPaintsAsTheNetworkDidAndSaysHowItIsFed) {
  recorder_.preview_at = 12;
  job_.options.check_every = 12;
  const FastTrainingResult result = train(recorder_);
  const std::string path = folder_.file("network.pt");
  save_fast_network(job_.options.shape, result.weights, "waves", R"({"x": 1})", path);
  torch::jit::Module loaded = torch::jit::load(path);
  EXPECT_EQ(loaded.attr("kind").toStringRef(), kFastNetworkKind);
  EXPECT_EQ(loaded.attr("input_range").toStringRef(), "0..1");
  EXPECT_EQ(loaded.attr("output_range").toStringRef(), "0..1");
  EXPECT_EQ(loaded.attr("channel_order").toStringRef(), "rgb");
  EXPECT_EQ(loaded.attr("multiple_of").toInt(), 4);
  EXPECT_EQ(loaded.attr("style").toStringRef(), "waves");
  EXPECT_EQ(loaded.attr("training_facts").toStringRef(), R"({"x": 1})");
  // The preview is the photo with the trained network's output beside it.
  const at::Tensor both = at::tensor(recorder_.preview.rgb01).view({32, 64, 3}).permute({2, 0, 1});
  const at::NoGradGuard no_gradient;
  const at::Tensor painted =
      loaded.forward({both.narrow(2, 0, 32).unsqueeze(0).contiguous()}).toTensor().squeeze(0);
  EXPECT_LT(relative_error(painted, both.narrow(2, 32, 32)), 1e-5);
}

TEST_F(FastTraining, KeepsImagesInRangeAndTheirSize) {
  const FastTrainingResult result = train(recorder_);
  const std::string path = folder_.file("network.pt");
  save_fast_network(job_.options.shape, result.weights, "waves", "{}", path);
  torch::jit::Module loaded = torch::jit::load(path);
  const at::NoGradGuard no_gradient;
  const at::Tensor photo = random_image(40, 64, 5).permute({2, 0, 1}).unsqueeze(0).contiguous();
  const at::Tensor painted = loaded.forward({photo}).toTensor();
  EXPECT_EQ(painted.sizes(), photo.sizes());
  EXPECT_GE(painted.min().item<float>(), 0.0F);
  EXPECT_LE(painted.max().item<float>(), 1.0F);
}

TEST_F(FastTraining, EndsWhenTheValidationLossNoLongerFalls) {
  job_.weights = {0.0, 0.0, 0.0};  // nothing changes
  job_.options.patience = 2;
  job_.options.check_every = 2;
  const FastTrainingResult result = train(recorder_);
  EXPECT_EQ(result.stop_reason, StopReason::kPlateau);
  EXPECT_EQ(result.iterations, 6);
}

TEST_F(FastTraining, KeepsTheBestWeightsNotTheLast) {
  TrainingRecorder rest;
  TrainingRecorder stopping(8, folder_.file("state"));
  static_cast<void>(train(stopping));
  job_.options.learning_rate = 1.0;  // destroys the previous weights
  const FastTrainingResult result = train(rest, load_checkpoint(folder_.file("state")).checkpoint);
  ASSERT_GT(rest.checks.back().loss, rest.checks.back().best_loss);
  EXPECT_EQ(*result.validation_loss, rest.checks.back().best_loss);
}

TEST_F(FastTraining, WithOnePhotoTrainsWithoutValidationAndSaysSo) {
  job_.photo_paths = folder_.photos(1);
  const FastTrainingResult result = train(recorder_);
  EXPECT_FALSE(result.validation_loss.has_value());
  EXPECT_EQ(result.iterations, 12);
  ASSERT_EQ(recorder_.warnings.size(), 1U);
  EXPECT_NE(recorder_.warnings[0].find("held out"), std::string::npos);
}

TEST_F(FastTraining, LeavesPhotosOutThatTurnOutBroken) {
  const std::string broken = folder_.file("broken.png");
  std::ofstream(broken) << "no image";
  job_.photo_paths.push_back(broken);
  const FastTrainingResult result = train(recorder_);
  EXPECT_EQ(result.iterations, 12);
  ASSERT_EQ(recorder_.warnings.size(), 1U);
  EXPECT_NE(recorder_.warnings[0].find("broken.png"), std::string::npos);
}

TEST_F(FastTraining, FailsWithAMessageWhenNoPhotoCanBeRead) {
  const std::string broken = folder_.file("broken.png");
  std::ofstream(broken) << "no image";
  job_.photo_paths = {broken};
  EXPECT_THROW(static_cast<void>(train(recorder_)), RunError);
}

TEST_F(FastTraining, RefusesSizesThatTheNetworkCannotHalveTwice) {
  job_.options.size_px = 34;
  EXPECT_THROW(static_cast<void>(train(recorder_)), UsageError);
}

TEST_F(FastTraining, LearnsFromSeveralPhotosAStep) {
  job_.options.batch = 3;
  const FastTrainingResult result = train(recorder_);
  EXPECT_LT(*result.validation_loss, recorder_.checks.front().loss + 1e-9);
}

}  // namespace
}  // namespace styletransfer
