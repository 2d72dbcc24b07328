#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cmath>
#include <optional>

#include "styletransfer/cyclegan_training.h"
#include "styletransfer/error.h"
#include "styletransfer/progress.h"
#include "styletransfer/runtime.h"
#include "support/numbers.h"
#include "support/training_folder.h"
#include "training/adversarial_losses.h"
#include "training/discriminator.h"
#include "training/generator.h"
#include "training/image_pool.h"
#include "training/lr_schedule.h"

namespace styletransfer {
namespace {

using detail::Verdict;

double naive_adversarial(const at::Tensor& prediction, double wanted) {
  const at::Tensor flat = prediction.flatten();
  double sum = 0.0;
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    sum += std::pow(flat[i].item<double>() - wanted, 2);
  }
  return sum / static_cast<double>(flat.numel());
}

double naive_distance(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.flatten();
  const at::Tensor y = b.flatten();
  double sum = 0.0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    sum += std::abs(x[i].item<double>() - y[i].item<double>());
  }
  return sum / static_cast<double>(x.numel());
}

at::Tensor prediction() { return random_normal({1, 1, 5, 4}, 7, at::kDouble); }

/// Compares the autograd gradient, along a direction, with central differences.
void expect_gradient(const std::function<at::Tensor(const at::Tensor&)>& loss,
                     const at::Tensor& point) {
  const at::Tensor variable = point.clone().requires_grad_(true);
  loss(variable).backward();
  const at::Tensor direction = random_normal(point.sizes(), 99, at::kDouble);
  const double slope =
      slope_along([&](const at::Tensor& x) { return loss(x).item<double>(); }, point, direction);
  EXPECT_NEAR((variable.grad() * direction).sum().item<double>(), slope, 1e-6);
}

TEST(AdversarialLoss, IsTheMeanSquareFromOneOrZero) {
  EXPECT_NEAR(detail::adversarial_loss(prediction(), Verdict::kReal).item<double>(),
              naive_adversarial(prediction(), 1.0), 1e-12);
  EXPECT_NEAR(detail::adversarial_loss(prediction(), Verdict::kFake).item<double>(),
              naive_adversarial(prediction(), 0.0), 1e-12);
}

TEST(AdversarialLoss, HasTheGradientOfItsValue) {
  expect_gradient([](const at::Tensor& x) { return detail::adversarial_loss(x, Verdict::kReal); },
                  prediction());
}

TEST(DiscriminatorLoss, IsHalfOfBothTerms) {
  const at::Tensor other = random_normal({1, 1, 5, 4}, 8, at::kDouble);
  EXPECT_NEAR(detail::discriminator_loss(prediction(), other).item<double>(),
              0.5 * (naive_adversarial(prediction(), 1.0) + naive_adversarial(other, 0.0)), 1e-12);
}

TEST(DistanceLoss, IsTheMeanAbsoluteDifference) {
  const at::Tensor a = random_normal({1, 3, 4, 5}, 1, at::kDouble);
  const at::Tensor b = random_normal({1, 3, 4, 5}, 2, at::kDouble);
  EXPECT_NEAR(detail::distance_loss(a, b).item<double>(), naive_distance(a, b), 1e-12);
  expect_gradient([&](const at::Tensor& x) { return detail::distance_loss(x, b); }, a);
}

TEST(LearningRate, IsConstantForHalfAndThenFallsEvenlyToZero) {
  EXPECT_DOUBLE_EQ(detail::constant_then_linear(0.0), 1.0);
  EXPECT_DOUBLE_EQ(detail::constant_then_linear(0.5), 1.0);
  EXPECT_DOUBLE_EQ(detail::constant_then_linear(0.75), 0.5);
  EXPECT_DOUBLE_EQ(detail::constant_then_linear(1.0), 0.0);
}

TEST(LearningRate, OfHalfACosineEndsAtZero) {
  EXPECT_DOUBLE_EQ(detail::half_cosine(0.0), 1.0);
  EXPECT_NEAR(detail::half_cosine(0.5), 0.5, 1e-12);
  EXPECT_NEAR(detail::half_cosine(1.0), 0.0, 1e-12);
}

at::Tensor numbered(int value) { return at::full({1, 3, 2, 2}, value, at::kFloat); }

TEST(ImagePool, ReturnsNewImagesUntilItIsFull) {
  detail::ImagePool pool(3);
  detail::RandomSource random(1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(at::equal(pool.exchange(numbered(i), random), numbered(i)));
  }
  EXPECT_EQ(pool.size(), 3U);
}

TEST(ImagePool, ThenReturnsAnEarlierOneHalfOfTheTimeAndEachOnce) {
  detail::ImagePool pool(10);
  detail::RandomSource random(2);
  std::vector<int> times(2000, 0);
  int earlier = 0;
  for (int i = 0; i < 2000; ++i) {
    const int shown =
        static_cast<int>(pool.exchange(numbered(i), random)[0][0][0][0].item<float>());
    // The first ten are returned on arrival and may be returned once more.
    EXPECT_LE(++times[static_cast<std::size_t>(shown)], shown < 10 ? 2 : 1);
    if (shown != i) ++earlier;
  }
  EXPECT_EQ(pool.size(), 10U);
  EXPECT_NEAR(earlier, 1000, 100);
}

TEST(ImagePool, OfNoCapacityReturnsEveryImage) {
  detail::ImagePool pool(0);
  detail::RandomSource random(3);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(at::equal(pool.exchange(numbered(i), random), numbered(i)));
  }
}

TEST(PatchDiscriminator, SeesPatchesOf70Pixels) {
  torch::jit::Module discriminator = detail::make_discriminator("Judge", 2, 1);
  // For 128 pixels: (128 / 8) - 1 - 1 positions, as in the published program.
  const at::Tensor scores = detail::run_network_only(discriminator, at::zeros({1, 3, 128, 128}));
  EXPECT_EQ(scores.sizes(), at::IntArrayRef({1, 1, 14, 14}));
}

class CycleganTraining : public testing::Test {
 protected:
  CycleganTraining() {
    job_.a_paths = folder_.photos(4, 0.2F);
    job_.b_paths = folder_.photos(3, 2.5F);
    job_.options.shape = {4, 1};
    job_.options.size_px = 32;
    job_.options.limits.iterations = 8;
    job_.options.pool = 3;
  }

  CycleganResult train(Observer& observer, std::optional<Checkpoint> from = std::nullopt) {
    return train_cyclegan(job_, runtime_, observer, from);
  }

  TrainingFolder folder_{"cyclegan"};
  Runtime runtime_ = resolve_runtime({"cpu", Precision::kFloat32, 1});
  CycleganJob job_;
  TrainingRecorder recorder_;
};

TEST_F(CycleganTraining, LearnsToComeBackFromATranslation) {
  job_.options.limits.iterations = 80;
  job_.options.learning_rate = 2e-3;
  static_cast<void>(train(recorder_));
  const auto cycle = [&](std::size_t first) {
    double sum = 0.0;
    for (std::size_t i = first; i < first + 10; ++i) sum += recorder_.steps[i].terms[1].value;
    return sum;
  };
  EXPECT_EQ(recorder_.steps[0].terms[1].name, "cycle");
  EXPECT_LT(cycle(70), 0.7 * cycle(0));
}

TEST_F(CycleganTraining, ResumedGivesTheBitsOfOneThatNeverStopped) {
  const CycleganResult whole = train(recorder_);
  for (const int stop : {2, 6}) {
    SCOPED_TRACE(stop);
    const std::string path = folder_.file("state");
    TrainingRecorder stopping(stop, path);
    EXPECT_EQ(train(stopping).stop_reason, StopReason::kInterrupted);
    TrainingRecorder rest;
    const CycleganResult resumed = train(rest, load_checkpoint(path).checkpoint);
    for (const auto& [name, tensor] : whole.a_to_b) {
      EXPECT_TRUE(at::equal(resumed.a_to_b.at(name), tensor)) << name;
    }
    for (const auto& [name, tensor] : whole.b_to_a) {
      EXPECT_TRUE(at::equal(resumed.b_to_a.at(name), tensor)) << name;
    }
  }
}

TEST_F(CycleganTraining, WritesGeneratorsThatSayHowTheyAreFed) {
  recorder_.preview_at = 8;
  const CycleganResult result = train(recorder_);
  EXPECT_EQ(recorder_.preview.size, (Size{96, 64}));
  const std::string path = folder_.file("a_to_b.pt");
  save_cyclegan_generator(job_.options.shape, result.a_to_b, "a to b", "{}", path);
  torch::jit::Module loaded = torch::jit::load(path);
  EXPECT_EQ(loaded.attr("kind").toStringRef(), kCycleganKind);
  EXPECT_EQ(loaded.attr("input_range").toStringRef(), "-1..1");
  EXPECT_EQ(loaded.attr("output_range").toStringRef(), "-1..1");
  const at::Tensor rows = at::tensor(recorder_.preview.rgb01).view({64, 96, 3}).permute({2, 0, 1});
  const at::NoGradGuard no_gradient;
  const at::Tensor a = rows.narrow(1, 0, 32).narrow(2, 0, 32).unsqueeze(0).contiguous();
  const at::Tensor translated = loaded.forward({a * 2.0 - 1.0}).toTensor() * 0.5 + 0.5;
  EXPECT_LT(relative_error(translated.squeeze(0), rows.narrow(1, 0, 32).narrow(2, 32, 32)), 1e-5);
}

TEST_F(CycleganTraining, WithoutIdentityWeightHasNoIdentityTerm) {
  job_.options.identity_weight = 0.0;
  static_cast<void>(train(recorder_));
  for (const LossTerm& term : recorder_.steps[0].terms) EXPECT_NE(term.name, "identity");
}

TEST_F(CycleganTraining, RefusesAKindWithoutImages) {
  job_.b_paths.clear();
  EXPECT_THROW(static_cast<void>(train(recorder_)), UsageError);
}

}  // namespace
}  // namespace styletransfer
