// Downsampled loss: the result looks like its preview from a distance.
#include "engine/downsampled_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "device/image_tensor.h"
#include "loss/downsample.h"
#include "loss/objective.h"
#include "styletransfer/progress.h"
#include "support/numbers.h"
#include "support/recorder.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

TEST(BoxDownsample, TakesTheMeanOfEachBox) {
  const at::Tensor image = random_image(12, 9, 1, at::kDouble);
  const at::Tensor downsampled = detail::box_downsampled(image, 3, 0);
  ASSERT_EQ(downsampled.sizes(), (at::IntArrayRef{4, 3, 3}));
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 3; ++column) {
      const at::Tensor box = image.narrow(0, 3 * row, 3).narrow(1, 3 * column, 3);
      EXPECT_LT(relative_error(downsampled[row][column], box.mean({0, 1})), 1e-12);
    }
  }
}

TEST(BoxDownsample, DropsPartialBoxesAndReflectsTheMarginAgain) {
  const at::Tensor image = random_image(13, 11, 1, at::kDouble);
  const at::Tensor wide = detail::with_margin(image, 2);
  const at::Tensor downsampled = detail::box_downsampled(wide, 3, 2);
  const at::Tensor filled = image.narrow(0, 0, 12).narrow(1, 1, 9).contiguous();
  const at::Tensor wanted = detail::with_margin(detail::box_downsampled(filled, 3, 0), 2);
  EXPECT_LT(relative_error(downsampled, wanted), 1e-12);
}

TEST(BoxDownsample, ItsGradientIsTheTranspose) {
  for (const int margin_px : {0, 2}) {
    for (const auto& [height, width, factor] :
         {std::array{12, 9, 3}, std::array{13, 17, 4}, std::array{9, 9, 2}}) {
      const at::Tensor wide =
          random_normal({height + 2 * margin_px, width + 2 * margin_px, 3}, 1, at::kDouble);
      const at::Tensor downsampled = detail::box_downsampled(wide, factor, margin_px);
      const at::Tensor other = random_normal(downsampled.sizes(), 2, at::kDouble);
      at::Tensor back = at::ones_like(wide);
      detail::add_box_downsampled_gradient(other, factor, margin_px, back);
      EXPECT_NEAR(((back - 1.0) * wide).sum().item<double>(),
                  (downsampled * other).sum().item<double>(), 1e-10);
    }
  }
}

constexpr int kFactor = 3;
constexpr int kMarginPx = 4;
const std::vector<std::string> kStyleLayers{"relu1_1", "relu2_1", "relu3_1"};

/// A loss whose image, [62 + 8, 75 + 8, 3], is also compared downsampled to 20 x 25 pixels.
class CombinedLoss {
 public:
  explicit CombinedLoss(const ExecutionPlan& plan = {})
      : features_(tiny_network(), layers(), Pooling::kMax, in_float64()),
        own_(objective(content(), plan)),
        downsampled_(objective(downsampled_content(), {})),
        both_(objective(content(), plan)) {
    both_.add_downsampled_loss(objective(downsampled_content(), {}), kFactor, kMarginPx);
  }

  [[nodiscard]] static at::Tensor content() { return random_image(70, 83, 1, at::kDouble); }
  [[nodiscard]] static at::Tensor start() { return random_image(70, 83, 3, at::kDouble); }
  Objective& own() { return own_; }
  Objective& downsampled() { return downsampled_; }
  Objective& both() { return both_; }

 private:
  static Runtime in_float64() {
    Runtime runtime;
    runtime.feature_type = at::kDouble;
    return runtime;
  }
  static std::vector<std::string> layers() {
    std::vector<std::string> layers = kStyleLayers;
    layers.emplace_back("relu2_2");
    return layers;
  }
  static at::Tensor downsampled_content() {
    return detail::box_downsampled(content(), kFactor, kMarginPx);
  }
  [[nodiscard]] Objective objective(const at::Tensor& content, const ExecutionPlan& plan) const {
    LossOptions options;
    options.content_layers = {"relu2_2"};
    options.style_layers = kStyleLayers;
    const at::Tensor style = random_image(40, 30, 2, at::kDouble);
    return {features_,
            options,
            {1.0, 12.0, 5.0},
            content_target(features_, {"relu2_2"}, content, plan),
            style_target(features_, kStyleLayers, {{style, {}, 1.0}}, plan),
            plan};
  }

  FeatureNetwork features_;
  Objective own_;
  Objective downsampled_;
  Objective both_;
};

TEST(DownsampledObjective, IsAddedToTheLossAndIsItsLastTerm) {
  CombinedLoss combined;
  const at::Tensor image = CombinedLoss::start();
  const double own = combined.own().evaluate(image).loss;
  const double downsampled =
      combined.downsampled().evaluate(detail::box_downsampled(image, kFactor, kMarginPx)).loss;
  EXPECT_NEAR(combined.both().evaluate(image).loss, own + downsampled, 1e-12 * own);
  EXPECT_NEAR(combined.both().value(image), own + downsampled, 1e-12 * own);
  EXPECT_EQ(combined.both().terms().back().name, "reduced image");
  EXPECT_NEAR(combined.both().terms().back().value, downsampled, 1e-12 * own);
  double sum = 0.0;
  for (const LossTerm& term : combined.both().terms()) sum += term.value;
  EXPECT_NEAR(sum, own + downsampled, 1e-12 * own);
}

TEST(DownsampledObjective, GradientEqualsFiniteDifferencesWholeAndInStrips) {
  for (const ExecutionPlan& plan :
       {ExecutionPlan{}, ExecutionPlan{std::vector<ExecutionPlan::Block>(3, {8, 0})}}) {
    CombinedLoss combined(plan);
    const at::Tensor start = CombinedLoss::start();
    const at::Tensor gradient = combined.both().evaluate(start).gradient;
    const at::Tensor direction = random_normal(start.sizes(), 11, at::kDouble);
    const double slope = slope_along([&](const at::Tensor& x) { return combined.both().value(x); },
                                     start, direction);
    EXPECT_NEAR((gradient * direction).sum().item<double>(), slope,
                1e-5 * gradient.norm().item<double>());
  }
}

TEST(DownsampledObjective, UntouchedPixelsHaveNoGradient) {
  CombinedLoss combined;
  const at::Tensor left = (at::arange(83, at::kDouble) < 40).to(at::kDouble);
  combined.both().keep({CombinedLoss::content(), left.expand({70, 83}).unsqueeze(2).contiguous()});
  const at::Tensor gradient = combined.both().evaluate(CombinedLoss::start()).gradient;
  EXPECT_EQ(gradient.narrow(1, 0, 40).count_nonzero().item<int64_t>(), 0);
  EXPECT_GT(gradient.narrow(1, 40, 43).abs().min().item<double>(), 0.0);
}

/// One pass at 256 x 192 pixels.
Job large_job(int preview_px) {
  Job job = tiny_job();
  job.content = wavy_image({256, 192}, 0.3F);
  job.styles = {style_of(wavy_image({256, 256}, 1.1F))};
  job.margin_px = 4;
  job.preview_px = preview_px;
  job.schedule.size_px = 256;
  job.schedule.passes = 1;
  job.schedule.iterations = 3;
  return job;
}

TEST(DownsampleFactor, IsThatOfThePreviewFromTwiceItsSizeOn) {
  Job job = large_job(512);
  job.content.size = {3000, 2000};
  job.styles = {style_of(wavy_image({80, 80}, 1.1F))};
  const auto factor = [&](int pass_px) { return detail::downsample_factor(job, pass_px, 16); };
  EXPECT_EQ(factor(512), 1);
  EXPECT_EQ(factor(1024), 1);
  EXPECT_EQ(factor(1025), 3);
  EXPECT_EQ(factor(2048), 4);
  EXPECT_EQ(factor(4000), 8);
  EXPECT_EQ(factor(7016), 14);
  job.content.size = {8000, 500};
  EXPECT_EQ(factor(8000), 7) << "a panorama keeps 64 rows";
  job.loss.kind = LossKind::kClassic;
  EXPECT_EQ(factor(4000), 1);
}

Result painted(const Job& job) {
  Recorder recorder;
  return transfer(job, tiny_network(), {}, recorder);
}

TEST(DownsampledLoss, CountsInALargePassOnly) {
  const Result without = painted(large_job(0));
  const Result small = painted(large_job(128));
  const Result large = painted(large_job(64));
  EXPECT_EQ(small.image.rgb01, without.image.rgb01);
  EXPECT_NE(large.image.rgb01, without.image.rgb01);
  EXPECT_EQ(without.report.passes.back().last_terms.back().name, "total variation");
  EXPECT_EQ(large.report.passes.back().last_terms.back().name, "reduced image");
}

TEST(DownsampledLoss, BringsTheReducedImageNearerToItsOwnLoss) {
  Job reference = large_job(0);
  const auto reduced_loss = [&](const Result& result) {
    const Image downsampled = resized(result.image, {64, 48});
    double sum = 0.0;
    for (const LossTerm& term : image_loss(downsampled, reference, tiny_network(), {})) {
      if (term.name.starts_with("style")) sum += term.value;
    }
    return sum;
  };
  Job with = large_job(64);
  with.schedule.iterations = 30;
  Job without = large_job(0);
  without.schedule.iterations = 30;
  EXPECT_LT(reduced_loss(painted(with)), 0.8 * reduced_loss(painted(without)));
}

TEST(DownsampledLoss, GoesWithMasksAndTransparency) {
  Job job = large_job(64);
  job.styles.push_back(style_of(wavy_image({200, 210}, 2.0F)));
  Mask left{{64, 48}, std::vector<float>(64 * 48, 0.0F)};
  for (size_t i = 0; i < left.gray01.size(); ++i) left.gray01[i] = i % 64 < 32 ? 1.0F : 0.0F;
  job.styles[0].content_mask = std::make_shared<Mask>(left);
  job.content.alpha01.assign(256 * 192, 1.0F);
  const Result result = painted(job);
  EXPECT_EQ(result.stop_reason(), StopReason::kFinished);
  EXPECT_EQ(result.report.passes.back().last_terms.back().name, "reduced image");
}

}  // namespace
}  // namespace styletransfer
