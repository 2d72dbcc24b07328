// Strips may not change a picture: a whole search with strips against one without.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "detail/picture_tensor.h"
#include "styletransfer/model.h"
#include "styletransfer/objective.h"
#include "styletransfer/pass.h"
#include "support/real_network.h"
#include "support/tiny_job.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

/// Low strips, some of which keep their activations.
const SweepPlan kStrips{{{16, 0}, {10, 2}, {6, 0}, {4, 1}}};
constexpr int kSteps = 20;

struct Painted {
  at::Tensor picture;
  double loss;
};

/// The same search, whole or in strips.
class Search {
 public:
  Search(const Network& network, Size size, OptimizerKind optimizer)
      : features_(network, compared_layers(), Pooling::kMax, Runtime{}),
        content_(detail::tensor_from_image(wavy_image(size, 0.3F))),
        style_(detail::tensor_from_image(wavy_image({size.height_px, 90}, 1.1F))) {
    optimizer_.kind = optimizer;
  }

  [[nodiscard]] const at::Tensor& content() const { return content_; }

  [[nodiscard]] Painted run(const SweepPlan& plan, const at::Tensor& start) const {
    const LossOptions loss;
    Objective objective(features_, loss, default_weights(loss.kind),
                        content_target(features_, loss.content_layers, content_, plan),
                        style_target(features_, loss.style_layers, {{style_, {}, 1.0}}, plan),
                        plan);
    const PassResult result =
        run_pass(objective, start, kSteps, optimizer_, [](const PassStep&) { return true; });
    return {result.picture_rgb01, result.last_loss};
  }

 private:
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
  return (a.picture - b.picture).abs().mean().item<double>();
}

/// Adam's steps are bounded value by value, so a small network's roundings stay roundings.
void expect_the_same_picture(const Network& network, Size size) {
  const Search search(network, size, OptimizerKind::kAdam);
  const Painted whole = search.run({}, search.content());
  EXPECT_GT((whole.picture - search.content()).abs().max().item<double>(), 0.05) << "not painted";
  const Painted strips = search.run(kStrips, search.content());
  EXPECT_LT((strips.picture - whole.picture).abs().max().item<double>(), 1e-3)
      << size.width_px << "x" << size.height_px;
}

/// A search multiplies roundings at the kinks of ReLUs and poolings, L-BFGS more than Adam: a start
/// moved by a tenth of a millionth ends in another picture of the same loss. Strips may do no more
/// than that.
void expect_no_more_than_a_nudge(const Network& network, Size size, OptimizerKind optimizer) {
  const Search search(network, size, optimizer);
  const Painted whole = search.run({}, search.content());
  const Painted strips = search.run(kStrips, search.content());
  double nudge = 0.0;
  for (const double sign : {-1.0, 1.0}) {
    const at::Tensor start = search.content() + sign * 1e-7;
    nudge = std::max(nudge, mean_difference(search.run({}, start), whole));
  }
  EXPECT_LT(mean_difference(strips, whole), std::max(1e-3, 2.0 * nudge));
  EXPECT_NEAR(strips.loss / whole.loss, 1.0, 0.02);
}

TEST(StripRun, GivesTheWholePicturesResultAfterTwentySteps) {
  const Network network = tiny_network({.channels = {16, 32, 64, 64, 64}});
  expect_the_same_picture(network, {96, 80});
  expect_the_same_picture(network, {75, 101});
}

TEST(StripRun, ChangesASearchByLbfgsNoMoreThanARoundingOfItsStart) {
  expect_no_more_than_a_nudge(tiny_network({.channels = {16, 32, 64, 64, 64}}), {96, 80},
                              OptimizerKind::kLbfgs);
}

TEST(StripRunWeights, ChangesNoMoreThanARoundingOfTheStart) {
  if (!std::filesystem::exists(real_network_path())) {
    GTEST_SKIP() << "no network file " << real_network_path();
  }
  const Network network = load_network(real_network_path().string());
  expect_no_more_than_a_nudge(network, {192, 144}, OptimizerKind::kLbfgs);
  expect_no_more_than_a_nudge(network, {192, 144}, OptimizerKind::kAdam);
}

}  // namespace
}  // namespace styletransfer
