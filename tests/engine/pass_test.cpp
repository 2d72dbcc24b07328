#include "engine/pass.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "optim/optimizer.h"
#include "styletransfer/progress.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

constexpr int kIterations = 25;

bool go_on(const PassStep& /*step*/) { return true; }

double sum_of(const std::vector<LossTerm>& terms) {
  double sum = 0.0;
  for (const LossTerm& term : terms) sum += term.value;
  return sum;
}

class RunPass : public testing::Test {
 protected:
  [[nodiscard]] Objective objective(const Weights& weights) const {
    return {features_, loss_, weights, content_target(features_, loss_.content_layers, content_),
            style_target(features_, loss_.style_layers, {{style_, {}, 1.0}})};
  }

  LossOptions loss_;
  Network network_ = tiny_network();
  FeatureNetwork features_{network_, layers(loss_), Pooling::kMax, Runtime{}};
  at::Tensor content_ = random_image(24, 32, 1);
  at::Tensor style_ = at::rsub(random_image(24, 24, 2).mul_(0.4), 1.0);
  Weights weights_{1.0, 12.0, 10.0};

 private:
  static std::vector<std::string> layers(const LossOptions& loss) {
    std::vector<std::string> all = loss.content_layers;
    all.insert(all.end(), loss.style_layers.begin(), loss.style_layers.end());
    return all;
  }
};

TEST_F(RunPass, LowersTheLossAndKeepsTheImageInRange) {
  for (const OptimizerKind kind : {OptimizerKind::kLbfgs, OptimizerKind::kAdam}) {
    OptimizerOptions options;
    options.kind = kind;
    Objective loss = objective(weights_);
    const PassResult result = run_pass(loss, content_, kIterations, options, go_on);
    EXPECT_LT(result.last_loss, 0.7 * result.first_loss);
    EXPECT_EQ(result.stop_reason, StopReason::kFinished);
    EXPECT_EQ(result.image_rgb01.sizes(), content_.sizes());
    EXPECT_EQ(result.image_rgb01.scalar_type(), at::kFloat);
    EXPECT_GE(result.image_rgb01.min().item<double>(), -0.51 / 255.0);
    EXPECT_LE(result.image_rgb01.max().item<double>(), 255.51 / 255.0);
  }
}

TEST_F(RunPass, LastLossAndTermsAreThoseOfTheImageReturned) {
  Objective loss = objective(weights_);
  const PassResult result = run_pass(loss, content_, kIterations, {}, go_on);
  EXPECT_NEAR(loss.value(result.image_rgb01), result.last_loss, 1e-5 * result.last_loss);
  EXPECT_NEAR(sum_of(result.last_terms), result.last_loss, 1e-9 * result.last_loss);
}

TEST_F(RunPass, FirstLossIsThatOfTheStart) {
  Objective loss = objective(weights_);
  const at::Tensor start = content_ * 0.8 + 0.1;
  const double wanted = loss.value(start);
  EXPECT_NEAR(run_pass(loss, start, 1, {}, go_on).first_loss, wanted, 1e-5 * wanted);
}

TEST_F(RunPass, ReportsLossTermsAndImageOfEveryStep) {
  Objective loss = objective(weights_);
  Objective reference = objective(weights_);
  int iteration = 0;
  static_cast<void>(run_pass(loss, content_, 8, {}, [&](const PassStep& step) {
    EXPECT_EQ(step.iteration, ++iteration);
    EXPECT_NEAR(sum_of(*step.terms), step.loss, 1e-9 * step.loss);
    EXPECT_NEAR(reference.value(*step.image_rgb01), step.loss, 1e-5 * step.loss);
    return true;
  }));
  EXPECT_EQ(iteration, 8);
}

/// A search that jumps far away from a very good start: the loss jumps and the search restarts.
class RestartedPass : public RunPass {
 protected:
  RestartedPass() {
    options_.first_step = 4.0;
    weights_ = {1.0, 1e-4, 0.0};
  }
  OptimizerOptions options_;
};

TEST_F(RestartedPass, ReportsOnlyStepsWhoseLossTermsAndImageBelongTogether) {
  content_ = content_ * 0.8 + 0.1;  // away from the range ends, where the start would be clamped
  Objective loss = objective(weights_);
  Objective reference = objective(weights_);
  const PassResult result =
      run_pass(loss, content_, kIterations, options_, [&](const PassStep& step) {
        EXPECT_NEAR(sum_of(*step.terms), step.loss, 1e-9 * step.loss) << step.iteration;
        EXPECT_NEAR(reference.value(*step.image_rgb01), step.loss, 1e-4 * step.loss)
            << step.iteration;
        return true;
      });
  EXPECT_GE(result.restarts, 1);
  EXPECT_NEAR(sum_of(result.last_terms), result.last_loss, 1e-9 * result.last_loss);
  EXPECT_NEAR(reference.value(result.image_rgb01), result.last_loss, 1e-4 * result.last_loss);
}

TEST_F(RunPass, StopsOnRequestWithTheBestImageSoFar) {
  Objective loss = objective(weights_);
  double best = 1e30;
  const PassResult result = run_pass(loss, content_, kIterations, {}, [&](const PassStep& step) {
    best = std::min(best, step.loss);
    return step.iteration < 6;
  });
  EXPECT_EQ(result.stop_reason, StopReason::kInterrupted);
  EXPECT_EQ(result.evaluations, 6);
  EXPECT_EQ(result.last_loss, best);
  EXPECT_NEAR(loss.value(result.image_rgb01), best, 1e-5 * best);
}

TEST_F(RunPass, ReachesPureBlackAndWhite) {
  // Content of pure black and white stripes: the start is clamped to a margin inside the range.
  at::Tensor stripes = at::zeros({24, 32, 3});
  stripes.narrow(1, 0, 16).fill_(1.0F);
  Objective loss{features_,
                 loss_,
                 {1.0, 0.0, 0.0},
                 content_target(features_, loss_.content_layers, stripes),
                 style_target(features_, loss_.style_layers, {{style_, {}, 1.0}})};
  const PassResult result = run_pass(loss, stripes, 10, {}, go_on);
  const at::Tensor levels = result.image_rgb01.mul(255.0).clamp(0.0, 255.0).round();
  EXPECT_LE(levels.min().item<double>(), 1.0);
  EXPECT_GE(levels.max().item<double>(), 254.0);
}

TEST_F(RunPass, LeavesTheStartImageAlone) {
  Objective loss = objective(weights_);
  const at::Tensor start = content_.clone();
  static_cast<void>(run_pass(loss, start, 3, {}, go_on));
  EXPECT_TRUE(at::equal(start, content_));
}

TEST_F(RunPass, GivesTheSameImageEveryTime) {
  Objective first = objective(weights_);
  Objective second = objective(weights_);
  const PassResult one = run_pass(first, content_, 10, {}, go_on);
  const PassResult two = run_pass(second, content_, 10, {}, go_on);
  EXPECT_TRUE(at::equal(one.image_rgb01, two.image_rgb01));
  EXPECT_EQ(one.last_loss, two.last_loss);
}

}  // namespace
}  // namespace styletransfer
