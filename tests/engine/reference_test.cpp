// The real network against numbers computed by an independent program in float32 (reference.json:
// both losses, their terms, and gradients, for two image pairs).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "device/image_tensor.h"
#include "loss/feature_loss.h"
#include "loss/objective.h"
#include "loss/targets.h"
#include "styletransfer/image_io.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/model.h"
#include "styletransfer/progress.h"
#include "support/numbers.h"
#include "support/real_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path reference_folder() {
  return fs::path(STYLETRANSFER_SOURCE_DIR) / ".." / "shared" / "reference";
}

double term_of(const Objective& objective, const std::string& name) {
  for (const LossTerm& term : objective.terms()) {
    if (term.name == name) return term.value;
  }
  ADD_FAILURE() << "no term " << name;
  return 0.0;
}

constexpr const char* kPairs[] = {"256", "512"};
constexpr Weights kRelativeWeights{1.0, 12.0, 0.0};
constexpr Weights kClassicWeights{5.0, 100.0, 0.0};

/// The name of every test contains the word Weights: the tests need the network file.
class ReferenceWithWeights : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(real_network_path())) GTEST_SKIP() << "no network file " << real_network_path();
    if (!fs::exists(reference_folder() / "reference.json")) {
      GTEST_SKIP() << "no reference numbers in " << reference_folder();
    }
    std::ifstream(reference_folder() / "reference.json") >> reference_;
    network_ = load_network(real_network_path().string());
  }

  [[nodiscard]] static at::Tensor image(const json& pair, const char* role) {
    const fs::path path = reference_folder() / pair.at(role).get<std::string>();
    return detail::tensor_from_image(read_image(path.string()).image);
  }
  [[nodiscard]] FeatureNetwork features(at::ScalarType type, bool multiplies_int16 = false) const {
    Runtime runtime;
    runtime.feature_type = type;
    runtime.multiplies_int16 = multiplies_int16;
    const LossOptions options;
    std::vector<std::string> layers = options.content_layers;
    layers.insert(layers.end(), options.style_layers.begin(), options.style_layers.end());
    return {network_, layers, options.pooling, runtime};
  }
  [[nodiscard]] static Objective objective(const FeatureNetwork& features, LossKind kind,
                                           const json& pair) {
    LossOptions options;
    options.kind = kind;
    return {features, options, kind == LossKind::kRelative ? kRelativeWeights : kClassicWeights,
            content_target(features, options.content_layers, image(pair, "content")),
            style_target(features, options.style_layers, {{image(pair, "style"), {}, 1.0}})};
  }
  /// Checks the terms of the last evaluation. `share`: factor from the reference's style terms to
  /// the terms of the loss.
  static void expect_style_terms(const Objective& objective, const json& terms, double share,
                                 double allowed) {
    for (const auto& [layer, value] : terms.items()) {
      EXPECT_NEAR(term_of(objective, "style " + layer) / (share * value.get<double>()), 1.0,
                  allowed)
          << layer;
    }
  }

  json reference_;
  Network network_;
};

TEST_F(ReferenceWithWeights, ConvolutionsHoldTheNumbersOfTheOriginalRelease) {
  for (const auto& [name, sums] : reference_.at("weights").items()) {
    SCOPED_TRACE(name);
    const auto layer = std::find_if(network_.layers.begin(), network_.layers.end(),
                                    [&](const Layer& each) { return each.name == name; });
    ASSERT_NE(layer, network_.layers.end());
    const at::Tensor weight = layer->weight.to(at::kDouble);
    EXPECT_EQ(weight.sizes().vec(), sums.at("shape").get<std::vector<int64_t>>());
    const auto expect_sum = [&](const char* key, double got) {
      EXPECT_NEAR(got, sums.at(key).get<double>(), 1e-6 * std::abs(got) + 1e-6) << key;
    };
    expect_sum("weight_sum", weight.sum().item<double>());
    expect_sum("weight_sq_sum", weight.square().sum().item<double>());
    expect_sum("bias_sum", layer->bias.to(at::kDouble).sum().item<double>());
  }
}

TEST_F(ReferenceWithWeights, ClassicLossTermsAndGradientAtTheContent) {
  const FeatureNetwork network = features(at::kFloat);
  for (const char* name : kPairs) {
    SCOPED_TRACE(name);
    const json& pair = reference_.at(name);
    const json& wanted = pair.at("at_content");
    Objective loss = objective(network, LossKind::kClassic, pair);
    const Objective::Evaluation got = loss.evaluate(image(pair, "content"));
    EXPECT_NEAR(got.loss / wanted.at("total").get<double>(), 1.0, 1e-3);
    EXPECT_EQ(term_of(loss, "content relu4_2"), 0.0);
    expect_style_terms(loss, wanted.at("style_terms"), 1.0, 1e-3);
    EXPECT_NEAR(got.gradient.norm().item<double>() / wanted.at("gradient_l2_norm").get<double>(),
                1.0, 1e-3);
    for (const json& sample : wanted.at("gradient_samples")) {
      const at::Tensor pixel =
          got.gradient[sample.at("y").get<int64_t>()][sample.at("x").get<int64_t>()];
      const auto rgb = sample.at("rgb").get<std::vector<double>>();
      EXPECT_LT(relative_error(pixel, at::tensor(rgb, at::kDouble)), 1e-3) << sample;
    }
  }
}

TEST_F(ReferenceWithWeights, ProductsInInt16CostLittle) {
  const FeatureNetwork floats = features(at::kFloat);
  const FeatureNetwork integers = features(at::kFloat, /*multiplies_int16=*/true);
  for (const LossKind kind : {LossKind::kClassic, LossKind::kRelative}) {
    for (const char* name : kPairs) {
      SCOPED_TRACE(name);
      const json& pair = reference_.at(name);
      const at::Tensor at =
          image(pair, "content") * 0.9 + at::rand_like(image(pair, "content")) * 0.1;
      Objective exact = objective(floats, kind, pair);
      const Objective::Evaluation wanted = exact.evaluate(at);
      Objective rounded = objective(integers, kind, pair);
      const Objective::Evaluation got = rounded.evaluate(at);
      EXPECT_NEAR(got.loss / wanted.loss, 1.0, 1e-3);
      // Max pooling may choose the other of two nearly equal features: bfloat16 features give 0.05.
      EXPECT_LT(((got.gradient - wanted.gradient).norm() / wanted.gradient.norm()).item<double>(),
                0.035);
    }
  }
}

TEST_F(ReferenceWithWeights, ClassicLossAndGradientAtMidGray) {
  const FeatureNetwork network = features(at::kFloat);
  for (const char* name : kPairs) {
    SCOPED_TRACE(name);
    const json& pair = reference_.at(name);
    const json& wanted = pair.at("at_mid_grey");
    Objective loss = objective(network, LossKind::kClassic, pair);
    const Objective::Evaluation got = loss.evaluate(at::full_like(image(pair, "content"), 0.5F));
    EXPECT_NEAR(got.loss / wanted.at("total").get<double>(), 1.0, 1e-3);
    EXPECT_NEAR(got.gradient.norm().item<double>() / wanted.at("gradient_l2_norm").get<double>(),
                1.0, 1e-3);
  }
}

TEST_F(ReferenceWithWeights, RelativeLossTermsAndGradient) {
  const FeatureNetwork network = features(at::kFloat);
  for (const char* name : kPairs) {
    const json& pair = reference_.at(name);
    Objective loss = objective(network, LossKind::kRelative, pair);
    const at::Tensor content = image(pair, "content");
    for (const char* start : {"at_content", "at_mid_grey"}) {
      SCOPED_TRACE(std::string(name) + " " + start);
      const json& wanted = pair.at("relative").at(start);
      const bool gray = std::string(start) == "at_mid_grey";
      const Objective::Evaluation got =
          loss.evaluate(gray ? at::full_like(content, 0.5F) : content);
      EXPECT_NEAR(got.loss / wanted.at("total_with_ratio_12").get<double>(), 1.0, 1e-3);
      const double content_term = wanted.at("content_term").get<double>();
      EXPECT_NEAR(term_of(loss, "content relu4_2"), content_term, 1e-3 * content_term);
      expect_style_terms(loss, wanted.at("style_terms"), 12.0 / 5.0, 1e-3);
      EXPECT_NEAR(got.gradient.norm().item<double>() / wanted.at("gradient_l2_norm").get<double>(),
                  1.0, 1e-3);
    }
  }
}

TEST_F(ReferenceWithWeights, ContentFeaturesHaveThePowerOfTheReference) {
  const FeatureNetwork network = features(at::kFloat);
  for (const char* name : kPairs) {
    const json& pair = reference_.at(name);
    const ContentTarget target = content_target(network, {"relu4_2"}, image(pair, "content"));
    EXPECT_NEAR(mean_square(target.at("relu4_2")) / pair.at("content_power_relu4_2").get<double>(),
                1.0, 1e-3);
  }
}

TEST_F(ReferenceWithWeights, StripsGiveTheSameLossAndGradient) {
  const FeatureNetwork network = features(at::kFloat);
  const json& pair = reference_.at("256");
  const at::Tensor content = image(pair, "content");
  const LossOptions options;
  Objective strips(network, options, kRelativeWeights,
                   content_target(network, options.content_layers, content),
                   style_target(network, options.style_layers, {{image(pair, "style"), {}, 1.0}}),
                   {{{64, false}, {32, false}, {16, false}}});
  Objective whole = objective(network, LossKind::kRelative, pair);
  const Objective::Evaluation got = strips.evaluate(content);
  const Objective::Evaluation wanted = whole.evaluate(content);
  EXPECT_NEAR(got.loss / wanted.loss, 1.0, 1e-5);
  EXPECT_LT(relative_error(got.gradient, wanted.gradient), 1e-4);
}

TEST_F(ReferenceWithWeights, Bfloat16StaysWithinAFewPercent) {
  const FeatureNetwork network = features(at::kBFloat16);
  for (const char* name : kPairs) {
    SCOPED_TRACE(name);
    const json& pair = reference_.at(name);
    Objective relative = objective(network, LossKind::kRelative, pair);
    const json& wanted = pair.at("relative").at("at_content");
    const Objective::Evaluation got = relative.evaluate(image(pair, "content"));
    EXPECT_NEAR(got.loss / wanted.at("total_with_ratio_12").get<double>(), 1.0, 0.02);
    expect_style_terms(relative, wanted.at("style_terms"), 12.0 / 5.0, 0.03);
    EXPECT_NEAR(got.gradient.norm().item<double>() / wanted.at("gradient_l2_norm").get<double>(),
                1.0, 0.03);
  }
}

}  // namespace
}  // namespace styletransfer
