// Strips must not change an image: whole searches with strips against searches without.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "device/image_tensor.h"
#include "engine/pass.h"
#include "loss/objective.h"
#include "styletransfer/model.h"
#include "support/real_network.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

/// Low strips; some blocks store their features, the others recompute them.
const ExecutionPlan kStrips{{{16, false}, {10, true}, {6, false}, {4, true}}};
constexpr int kSteps = 20;

struct Painted {
  at::Tensor image;
  double loss;
};

/// The same search, whole or in strips.
class Search {
 public:
  Search(const Network& network, Size size, OptimizerKind optimizer,
         at::ScalarType type = at::kFloat)
      : features_(network, compared_layers(), Pooling::kMax, runtime_of(type)),
        content_(detail::tensor_from_image(wavy_image(size, 0.3F))),
        style_(detail::tensor_from_image(wavy_image({size.height_px, 90}, 1.1F))) {
    optimizer_.kind = optimizer;
  }

  [[nodiscard]] const at::Tensor& content() const { return content_; }

  [[nodiscard]] Painted run(const ExecutionPlan& plan, const at::Tensor& start) const {
    const LossOptions loss;
    Weights weights = default_weights(loss.kind);
    // Total variation is computed in the image's own type and is independent of strips.
    weights.tv_weight = 0.0;
    Objective objective(
        features_, loss, weights, content_target(features_, loss.content_layers, content_, plan),
        style_target(features_, loss.style_layers, {{style_, {}, 1.0}}, plan), plan);
    const PassResult result =
        run_pass(objective, start, kSteps, optimizer_, [](const PassStep&) { return true; });
    return {result.image_rgb01, result.last_loss};
  }

 private:
  static Runtime runtime_of(at::ScalarType type) {
    Runtime runtime;
    runtime.feature_type = type;
    return runtime;
  }

  static std::vector<std::string> compared_layers() {
    const LossOptions loss;
    std::vector<std::string> layers = loss.content_layers;
    layers.insert(layers.end(), loss.style_layers.begin(), loss.style_layers.end());
    return layers;
  }

  FeatureNetwork features_;
  at::Tensor content_;
  at::Tensor style_;
  OptimizerOptions optimizer_;
};

double mean_difference(const Painted& a, const Painted& b) {
  return (a.image - b.image).abs().mean().item<double>();
}

/// With features in float64, rounding does not flip any ReLU or pooling choice, so the images agree
/// to the last digits.
void expect_the_same_image(const Network& network, Size size) {
  const Search search(network, size, OptimizerKind::kAdam, at::kDouble);
  const Painted whole = search.run({}, search.content());
  EXPECT_GT((whole.image - search.content()).abs().max().item<double>(), 0.05) << "not painted";
  const Painted strips = search.run(kStrips, search.content());
  EXPECT_LT((strips.image - whole.image).abs().max().item<double>(), 1e-3)
      << size.width_px << "x" << size.height_px;
}

/// A float32 search amplifies rounding at the kinks of ReLUs and poolings: a start whose pixels are
/// moved by about 1e-7 ends in another image of about the same loss, and the distance is random:
/// the farthest of five is eight times the nearest. Strips may cause at most twice the change of
/// the farthest, in image and loss.
void expect_no_more_than_a_nudge(const Network& network, Size size, OptimizerKind optimizer) {
  const Search search(network, size, optimizer);
  const Painted whole = search.run({}, search.content());
  const Painted strips = search.run(kStrips, search.content());
  double nudge = 0.0;
  double nudge_of_loss = 0.0;
  at::manual_seed(1);
  for (int i = 0; i < 5; ++i) {
    const at::Tensor roundings = at::randn_like(search.content()).mul_(1e-7);
    const Painted nudged = search.run({}, search.content() + roundings);
    nudge = std::max(nudge, mean_difference(nudged, whole));
    nudge_of_loss = std::max(nudge_of_loss, std::abs(nudged.loss / whole.loss - 1.0));
  }
  EXPECT_LT(mean_difference(strips, whole), std::max(1e-3, 2.0 * nudge));
  EXPECT_NEAR(strips.loss / whole.loss, 1.0, std::max(0.02, 2.0 * nudge_of_loss));
}

TEST(StripRun, GivesTheWholeImagesResultAfterTwentySteps) {
  const Network network = tiny_network({.channels = {16, 32, 64, 64, 64}});
  expect_the_same_image(network, {96, 80});
  expect_the_same_image(network, {75, 101});
}

TEST(StripRun, ChangesASearchInFloat32NoMoreThanARoundingOfItsStart) {
  const Network network = tiny_network({.channels = {16, 32, 64, 64, 64}});
  for (const OptimizerKind optimizer : {OptimizerKind::kLbfgs, OptimizerKind::kAdam}) {
    expect_no_more_than_a_nudge(network, {96, 80}, optimizer);
  }
}

TEST(StripRunWeights, ChangesNoMoreThanARoundingOfTheStart) {
  if (!std::filesystem::exists(real_network_path())) {
    GTEST_SKIP() << "no network file " << real_network_path();
  }
  const Network network = load_network(real_network_path().string());
  expect_no_more_than_a_nudge(network, {128, 96}, OptimizerKind::kLbfgs);
  expect_no_more_than_a_nudge(network, {128, 96}, OptimizerKind::kAdam);
}

}  // namespace
}  // namespace styletransfer
