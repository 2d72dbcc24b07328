// Tests of objectives with several style regions, preserved pixels and a content weight map.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "loss/feature_loss.h"
#include "loss/objective.h"
#include "loss/targets.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/progress.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

constexpr int64_t kHeight = 20;
constexpr int64_t kWidth = 26;
const std::vector<std::string> kLayers{"relu1_1", "relu2_2", "relu3_1"};

Runtime in_float64() {
  Runtime runtime;
  runtime.feature_type = at::kDouble;
  return runtime;
}

const FeatureNetwork& network() {
  static const FeatureNetwork kNetwork(tiny_network(), kLayers, Pooling::kMax, in_float64());
  return kNetwork;
}

LossOptions options_of(LossKind kind) {
  LossOptions options;
  options.kind = kind;
  options.content_layers = {"relu2_2"};
  options.style_layers = kLayers;
  return options;
}

/// 1 to the left of `column`, falling to 0 over four pixels.
at::Tensor soft_left(int64_t column) {
  const at::Tensor place = at::arange(kWidth, at::kFloat).expand({kHeight, kWidth});
  return ((static_cast<double>(column) - place) / 4.0).clamp(0.0, 1.0).contiguous();
}

StyleTarget target_of(std::uint64_t seed) {
  return style_target(network(), kLayers, {{random_image(22, 18, seed, at::kDouble), {}, 1.0}});
}

StyleTerm region(const std::string& name, std::uint64_t seed, const at::Tensor& pixels) {
  return {name, target_of(seed), layer_weights(network(), kLayers, pixels),
          pixels.mean(at::kDouble).item<double>()};
}

ContentTerm content_of(const at::Tensor& image) {
  return {content_target(network(), {"relu2_2"}, image), {}, {}};
}

Objective two_regions(LossKind kind, const ExecutionPlan& plan) {
  const at::Tensor left = soft_left(14);
  ContentTerm content = content_of(random_image(kHeight, kWidth, 1, at::kDouble));
  content.content_weight_map = layer_weights(network(), {"relu2_2"}, soft_left(20).mul(4.0));
  const Weights weights{1.0, 12.0, kind == LossKind::kRelative ? 5.0 : 0.0};
  Objective objective(network(), options_of(kind), weights, content,
                      {region("1", 2, left), region("2", 3, 1.0 - left)}, plan);
  objective.keep(
      {random_image(kHeight, kWidth, 4, at::kDouble), soft_left(8).unsqueeze(2).to(at::kDouble)});
  return objective;
}

TEST(RegionObjective, GradientEqualsFiniteDifferencesAndStripsEqualTheWhole) {
  for (const LossKind kind : {LossKind::kRelative, LossKind::kClassic}) {
    Objective whole = two_regions(kind, {});
    Objective strips = two_regions(kind, {{{4, false}, {2, true}, {2, false}}});
    const at::Tensor start = random_image(kHeight, kWidth, 5, at::kDouble);
    const Objective::Evaluation wanted = whole.evaluate(start);
    const Objective::Evaluation got = strips.evaluate(start);
    EXPECT_NEAR(got.loss / wanted.loss, 1.0, 1e-10);
    EXPECT_LT(relative_error(got.gradient, wanted.gradient), 1e-10);
    const at::Tensor direction = random_normal(start.sizes(), 6, at::kDouble);
    const double slope =
        slope_along([&](const at::Tensor& x) { return whole.value(x); }, start, direction);
    EXPECT_NEAR((wanted.gradient * direction).sum().item<double>(), slope,
                1e-5 * wanted.gradient.norm().item<double>());
  }
}

TEST(RegionObjective, PullsOnlyInsideTheRegion) {
  // Pixels farther from the mask's edge than the receptive field are not influenced by the style.
  at::Tensor left = at::zeros({kHeight, kWidth});
  left.narrow(1, 0, 8).fill_(1.0);
  const StyleTerm only{"",
                       {{"relu1_1", target_of(9).at("relu1_1")}},
                       layer_weights(network(), {"relu1_1"}, left),
                       0.3};
  const at::Tensor image = random_image(kHeight, kWidth, 10, at::kDouble);
  Objective objective(network(), options_of(LossKind::kRelative), {0.0, 12.0, 0.0},
                      content_of(image), {only});
  const at::Tensor gradient = objective.evaluate(image).gradient;
  EXPECT_GT(gradient.narrow(1, 0, 8).abs().max().item<double>(), 0.0);
  EXPECT_EQ(gradient.narrow(1, 9, kWidth - 9).count_nonzero().item<int64_t>(), 0);
}

TEST(RegionObjective, TermsOfSeveralRegionsHaveNamesOfTheirOwnAndAddUpToTheLoss) {
  Objective objective = two_regions(LossKind::kRelative, {});
  const double loss = objective.value(random_image(kHeight, kWidth, 11, at::kDouble));
  double sum = 0.0;
  std::vector<std::string> names;
  for (const LossTerm& term : objective.terms()) {
    sum += term.value;
    names.push_back(term.name);
  }
  EXPECT_NEAR(sum, loss, 1e-12 * loss);
  EXPECT_EQ(names,
            (std::vector<std::string>{"content relu2_2", "style 1 relu1_1", "style 1 relu2_2",
                                      "style 1 relu3_1", "style 2 relu1_1", "style 2 relu2_2",
                                      "style 2 relu3_1", "total variation"}));
}

TEST(ContentEmphasis, OfOneEverywhereChangesNothingAndOfFourIsFourTimesTheTerm) {
  const at::Tensor image = random_image(kHeight, kWidth, 12, at::kDouble);
  const auto content_term = [&](double content_weight_map) {
    ContentTerm content = content_of(random_image(kHeight, kWidth, 13, at::kDouble));
    content.counted = layer_weights(network(), {"relu2_2"}, soft_left(18));
    if (content_weight_map > 0.0) {
      content.content_weight_map =
          layer_weights(network(), {"relu2_2"}, at::full({kHeight, kWidth}, content_weight_map));
    }
    return Objective(network(), options_of(LossKind::kRelative), {1.0, 0.0, 0.0}, content,
                     std::vector<StyleTerm>{})
        .value(image);
  };
  EXPECT_NEAR(content_term(1.0), content_term(0.0), 1e-12);
  EXPECT_NEAR(content_term(4.0), 4.0 * content_term(0.0), 1e-6);
}

TEST(UntouchedPixels, HaveNoGradientAndShowTheKeptImageExactly) {
  Objective objective = two_regions(LossKind::kRelative, {});
  const at::Tensor start = random_image(kHeight, kWidth, 14, at::kDouble);
  at::Tensor other = start.clone();
  other.narrow(1, 0, 4).fill_(0.9);  // all of it preserved
  EXPECT_EQ(objective.value(start), objective.value(other));
  const at::Tensor gradient = objective.evaluate(start).gradient;
  EXPECT_EQ(gradient.narrow(1, 0, 4).count_nonzero().item<int64_t>(), 0);
  EXPECT_GT(gradient.narrow(1, 10, 4).abs().min().item<double>(), 0.0);
  const UntouchedPixels places{random_image(8, 9, 15), at::ones({8, 9, 1})};
  EXPECT_TRUE(at::equal(places.laid_over(random_image(8, 9, 16)), places.image_rgb01));
}

}  // namespace
}  // namespace styletransfer
