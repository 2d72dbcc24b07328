#include "loss/objective.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "loss/total_variation.h"
#include "styletransfer/progress.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

constexpr int64_t kHeight = 18;
constexpr int64_t kWidth = 21;

std::vector<std::string> both(const LossOptions& options) {
  std::vector<std::string> layers = options.content_layers;
  layers.insert(layers.end(), options.style_layers.begin(), options.style_layers.end());
  return layers;
}

/// A content image and a style image, their targets, and the objective.
class Setting {
 public:
  Setting(LossOptions options, Weights weights, at::ScalarType type = at::kDouble,
          const ExecutionPlan& plan = {}, const Network& network = tiny_network())
      : options_(std::move(options)),
        weights_(weights),
        network_(network),
        image_type_(type == at::kDouble ? at::kDouble : at::kFloat),
        features_(network_, both(options_), options_.pooling, runtime_of(type)),
        objective_(features_, options_, weights_,
                   content_target(features_, options_.content_layers, content(), plan),
                   style_target(features_, options_.style_layers, {{style(), {}, 1.0}}, plan),
                   plan) {}

  [[nodiscard]] Objective& objective() { return objective_; }
  [[nodiscard]] at::Tensor content() const { return random_image(kHeight, kWidth, 1, image_type_); }
  [[nodiscard]] at::Tensor style() const { return random_image(20, 17, 2, image_type_); }
  [[nodiscard]] at::Tensor start() const { return random_image(kHeight, kWidth, 3, image_type_); }

  /// Reference: the loss computed from its formulas, on features from a plain forward pass.
  [[nodiscard]] double naive_loss(const at::Tensor& image) const {
    const bool relative = options_.kind == LossKind::kRelative;
    const auto of_image = naive_features(network_, image, options_.pooling);
    const auto of_content = naive_features(network_, content(), options_.pooling);
    const auto of_style = naive_features(network_, style(), options_.pooling);
    double content_sum = 0.0;
    for (const std::string& layer : options_.content_layers) {
      content_sum += measure(of_image.at(layer), of_content.at(layer), relative);
    }
    double style_sum = 0.0;
    for (const std::string& layer : options_.style_layers) {
      style_sum += measure(gram(of_image.at(layer)), gram(of_style.at(layer)), relative);
    }
    if (relative) {
      content_sum /= static_cast<double>(std::max<size_t>(1, options_.content_layers.size()));
      style_sum /= static_cast<double>(std::max<size_t>(1, options_.style_layers.size()));
    }
    at::Tensor unused = at::zeros_like(image);
    return weights_.content_weight * content_sum + weights_.style_weight * style_sum +
           add_total_variation(image, relative, weights_.tv_weight, unused).get();
  }

 private:
  static Runtime runtime_of(at::ScalarType type) {
    Runtime runtime;
    runtime.feature_type = type;
    return runtime;
  }
  static at::Tensor gram(const at::Tensor& features) {
    const at::Tensor flat = features.flatten(1, 2);
    return at::mm(flat, flat.t()) / static_cast<double>(flat.numel());
  }
  static double measure(const at::Tensor& got, const at::Tensor& target, bool relative) {
    const double distance = (got - target).square().mean().item<double>();
    return relative ? distance / target.square().mean().item<double>() : distance;
  }

  LossOptions options_;
  Weights weights_;
  Network network_;
  at::ScalarType image_type_;
  FeatureNetwork features_;
  Objective objective_;
};

LossOptions options_of(LossKind kind, std::vector<std::string> content_layers,
                       std::vector<std::string> style_layers, Pooling pooling = Pooling::kMax) {
  return {kind, std::move(content_layers), std::move(style_layers), pooling};
}

struct Case {
  std::string name;
  LossOptions options;
  Weights weights;
};

/// Each term alone and all together, for both kinds of loss and both kinds of pooling.
std::vector<Case> cases() {
  const std::vector<std::string> content{"relu4_2"};
  const std::vector<std::string> style{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
  const auto relative = LossKind::kRelative;
  const auto classic = LossKind::kClassic;
  return {
      {"content", options_of(relative, content, {}), {1.0, 0.0, 0.0}},
      {"style", options_of(relative, {}, style), {0.0, 12.0, 0.0}},
      {"total variation", options_of(relative, {}, {"relu1_1"}), {0.0, 0.0, 10.0}},
      {"total variation of all channels", options_of(classic, {}, {"relu1_1"}), {0.0, 0.0, 10.0}},
      {"relative", options_of(relative, content, style), {1.0, 12.0, 10.0}},
      {"classic", options_of(classic, content, style), {5.0, 100.0, 0.0}},
      {"average pooling", options_of(relative, content, style, Pooling::kAverage), {1, 12, 10}},
      {"convolutions", options_of(relative, {"conv3_2"}, {"conv1_1", "conv4_1"}), {1, 12, 0}},
      {"poolings", options_of(classic, {"pool2"}, {"pool1", "pool4"}), {5, 100, 0}},
      {"one layer twice", options_of(relative, {"relu2_2"}, {"relu2_2", "conv2_2"}), {1, 5, 1}},
      {"two contents", options_of(relative, {"relu2_2", "relu4_2"}, style), {2, 12, 5}},
  };
}

template <typename Body>
void for_each_case(const Body& body) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    body(each);
  }
}

TEST(Objective, LossFollowsTheFormulas) {
  for_each_case([](const Case& each) {
    Setting setting(each.options, each.weights);
    const double loss = setting.objective().evaluate(setting.start()).loss;
    EXPECT_NEAR(loss / setting.naive_loss(setting.start()), 1.0, 1e-10);
  });
}

TEST(Objective, LossFollowsTheFormulasInFloat32) {
  for_each_case([](const Case& each) {
    Setting setting(each.options, each.weights, at::kFloat);
    const double loss = setting.objective().evaluate(setting.start()).loss;
    EXPECT_NEAR(loss / setting.naive_loss(setting.start()), 1.0, 1e-4);
  });
}

TEST(Objective, GradientEqualsFiniteDifferences) {
  for_each_case([](const Case& each) {
    Setting setting(each.options, each.weights);
    const at::Tensor start = setting.start();
    const at::Tensor gradient = setting.objective().evaluate(start).gradient;
    for (std::uint64_t seed = 10; seed < 14; ++seed) {
      const at::Tensor direction = random_normal(start.sizes(), seed, at::kDouble);
      const double slope = slope_along(
          [&](const at::Tensor& x) { return setting.objective().value(x); }, start, direction);
      const double scale = gradient.norm().item<double>();
      EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-5 * scale);
    }
  });
}

TEST(Objective, ValueIsTheLossOfAnEvaluation) {
  for_each_case([](const Case& each) {
    Setting setting(each.options, each.weights, at::kFloat);
    const double loss = setting.objective().evaluate(setting.start()).loss;
    EXPECT_NEAR(setting.objective().value(setting.start()), loss, 1e-6 * loss);
  });
}

TEST(Objective, EveryStripPlanGivesTheSameLossAndGradient) {
  const std::vector<ExecutionPlan> plans{
      {std::vector<ExecutionPlan::Block>(5, {2, false})},
      {std::vector<ExecutionPlan::Block>(5, {4})},
      {{{6, false}, {4, false}}},
  };
  for_each_case([&](const Case& each) {
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
      const double allowed = type == at::kDouble ? 1e-10 : 1e-5;
      Setting whole(each.options, each.weights, type);
      const Objective::Evaluation wanted = whole.objective().evaluate(whole.start());
      for (const ExecutionPlan& plan : plans) {
        Setting strips(each.options, each.weights, type, plan);
        const Objective::Evaluation got = strips.objective().evaluate(strips.start());
        EXPECT_NEAR(got.loss / wanted.loss, 1.0, allowed);
        EXPECT_LT(relative_error(got.gradient, wanted.gradient), allowed);
      }
    }
  });
}

TEST(Objective, TermsAddUpToTheLossAndAreNamed) {
  Setting setting(cases()[4].options, cases()[4].weights);
  const double loss = setting.objective().evaluate(setting.start()).loss;
  double sum = 0.0;
  std::vector<std::string> names;
  for (const LossTerm& term : setting.objective().terms()) {
    sum += term.value;
    names.push_back(term.name);
    EXPECT_GT(term.value, 0.0) << term.name;
  }
  EXPECT_NEAR(sum, loss, 1e-12 * loss);
  EXPECT_EQ(names, (std::vector<std::string>{"content relu4_2", "style relu1_1", "style relu2_1",
                                             "style relu3_1", "style relu4_1", "style relu5_1",
                                             "total variation"}));
}

TEST(Objective, EvaluationsDoNotInfluenceOneAnother) {
  Setting setting(cases()[4].options, cases()[4].weights, at::kFloat);
  const Objective::Evaluation first = setting.objective().evaluate(setting.start());
  static_cast<void>(setting.objective().value(setting.content()));
  static_cast<void>(setting.objective().evaluate(setting.content()));
  const Objective::Evaluation again = setting.objective().evaluate(setting.start());
  EXPECT_EQ(again.loss, first.loss);
  EXPECT_TRUE(at::equal(again.gradient, first.gradient));
}

TEST(Objective, ContentTermOfTheContentItselfIsExactlyZero) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16}) {
    Setting setting(cases()[0].options, cases()[0].weights, type);
    const Objective::Evaluation evaluation = setting.objective().evaluate(setting.content());
    EXPECT_EQ(evaluation.loss, 0.0);
    EXPECT_EQ(evaluation.gradient.count_nonzero().item<int64_t>(), 0);
  }
}

TEST(Objective, LeavesAWeightOfNothingOut) {
  Setting setting(cases()[4].options, {0.0, 12.0, 0.0});
  for (const LossTerm& term : setting.objective().terms()) {
    EXPECT_EQ(term.name.rfind("style", 0), 0U) << term.name;
  }
}

TEST(Objective, StaysFiniteWhereATargetHasNoPower) {
  // Very negative biases make all outputs of the last layer's ReLU zero.
  Network network = tiny_network();
  for (Layer& layer : network.layers) {
    if (layer.name == "conv4_1") layer.bias = at::full_like(layer.bias, -1e6);
    if (layer.name == "conv4_2" || layer.name == "conv5_1") {
      layer.bias = at::full_like(layer.bias, -1.0);
    }
  }
  for (const LossKind kind : {LossKind::kRelative, LossKind::kClassic}) {
    LossOptions options;
    options.kind = kind;
    Setting setting(options, {1.0, 12.0, 0.0}, at::kFloat, {}, network);
    const Objective::Evaluation evaluation = setting.objective().evaluate(setting.start());
    EXPECT_TRUE(std::isfinite(evaluation.loss));
    EXPECT_TRUE(evaluation.gradient.isfinite().all().item<bool>());
    EXPECT_GT(evaluation.loss, 0.0);
  }
}

TEST(Objective, InBfloat16IsCloseToFloat64) {
  Setting low(cases()[6].options, cases()[6].weights, at::kBFloat16);
  Setting exact(cases()[6].options, cases()[6].weights);
  const Objective::Evaluation got = low.objective().evaluate(low.start());
  const Objective::Evaluation wanted = exact.objective().evaluate(exact.start());
  EXPECT_NEAR(got.loss / wanted.loss, 1.0, 0.02);
  const at::Tensor difference = got.gradient.to(at::kDouble) - wanted.gradient;
  EXPECT_LT(difference.norm().item<double>() / wanted.gradient.norm().item<double>(), 0.1);
}

/// Relative error of a bfloat16 gradient.
double gradient_error(const Case& each, const ExecutionPlan& plan, const Network& network) {
  Setting low(each.options, each.weights, at::kBFloat16, plan, network);
  Setting exact(each.options, each.weights, at::kDouble, {}, network);
  const Objective::Evaluation got = low.objective().evaluate(low.start());
  const Objective::Evaluation wanted = exact.objective().evaluate(exact.start());
  EXPECT_NEAR(got.loss / wanted.loss, 1.0, 0.02);
  const at::Tensor difference = got.gradient.to(at::kDouble) - wanted.gradient;
  return difference.norm().item<double>() / wanted.gradient.norm().item<double>();
}

TEST(Objective, InBfloat16IsCloseToFloat64WithEveryFoldOfTheTiles) {
  // Channel counts that AMX supports, so that poolings, ReLUs and Gram gradients are fused into the
  // convolutions if the processor has it.
  const Network network = tiny_network({{64, 64, 96, 64, 32}});
  // Rounding changes the decisions of ReLUs and poolings; LibTorch's convolutions have the same
  // error.
  constexpr double kRounding = 0.25;
  ExecutionPlan strips;
  strips.blocks = {{4, false}, {2, true}};
  for_each_case([&](const Case& each) {
    EXPECT_LT(gradient_error(each, {}, network), kRounding);
    EXPECT_LT(gradient_error(each, strips, network), kRounding);
  });
}

}  // namespace
}  // namespace styletransfer
