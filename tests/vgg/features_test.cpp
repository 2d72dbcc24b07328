#include "vgg/features.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "styletransfer/error.h"
#include "support/numbers.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

constexpr int64_t kWhole = ExecutionPlan::Block().strip_rows;

Runtime runtime_of(at::ScalarType type) {
  Runtime runtime;
  runtime.feature_type = type;
  return runtime;
}

/// Hook that stores the features; its loss is sum(features * weights), so its gradient is
/// `weights`.
class LinearTap : public LayerHook {
 public:
  LinearTap(FeatureNetwork::Shape shape, std::uint64_t seed, at::ScalarType type)
      : weights_(random_normal({shape.height, shape.width, shape.channels}, seed, type)),
        seen_(at::zeros_like(weights_)),
        times_seen_(at::zeros({shape.height}, at::kLong)),
        times_asked_(at::zeros({shape.height}, at::kLong)) {}

  void accumulate(const at::Tensor& features, int64_t first_row) override {
    EXPECT_TRUE(features.is_contiguous());
    seen_.narrow(0, first_row, features.size(0)).copy_(features);
    times_seen_.narrow(0, first_row, features.size(0)).add_(1);
  }
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override {
    times_asked_.narrow(0, first_row, features.size(0)).add_(1);
    gradient.add_(weights_.narrow(0, first_row, features.size(0)));
    if (through_relu) gradient.mul_(features.gt(0));
  }

  [[nodiscard]] at::Tensor seen() const { return seen_; }
  [[nodiscard]] at::Tensor weights() const { return weights_; }
  [[nodiscard]] bool saw_every_row_once() const { return times_seen_.eq(1).all().item<bool>(); }
  [[nodiscard]] bool was_asked_for_every_row() const {
    return times_asked_.ge(1).all().item<bool>();
  }

 private:
  at::Tensor weights_;
  at::Tensor seen_;
  at::Tensor times_seen_;
  at::Tensor times_asked_;
};

/// Results of a forward and backward pass for one image, plan and list of layers (one hook per
/// entry).
struct ItemResult {
  std::vector<LinearTap> hooks;
  at::Tensor gradient;
};

ItemResult execution(const std::vector<std::string>& layers, Pooling pooling,
                     const at::Tensor& image, const ExecutionPlan& plan, const Runtime& runtime,
                     const Network& network) {
  const FeatureNetwork features(network, layers, pooling, runtime);
  ItemResult outcome;
  LayerHooks hooks;
  std::uint64_t seed = 50;
  for (const std::string& layer : layers) {
    outcome.hooks.emplace_back(features.shape_of(layer, image.size(0), image.size(1)), seed++,
                               runtime.feature_type);
  }
  for (size_t i = 0; i < layers.size(); ++i) hooks.emplace(layers[i], &outcome.hooks[i]);
  outcome.gradient = features.forward_backward(
      image, hooks, [] {}, plan);
  return outcome;
}

struct Size2 {
  int64_t height;
  int64_t width;
};

const std::vector<Size2> kSizes{{33, 47}, {16, 16}, {17, 64}, {64, 17}};
/// Deepest layer before and after a pooling; hooks on convolutions, ReLUs and poolings, separately
/// and together; several hooks on one layer; a pooling as the deepest layer.
const std::vector<std::vector<std::string>> kLayerSets{
    {"relu4_2", "relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
    {"conv1_1", "conv2_2", "conv5_1"},
    {"pool1", "relu1_2", "pool2", "pool4"},
    {"relu2_2", "relu2_2", "conv2_2", "relu2_2", "relu3_2"},
    {"conv1_1", "relu1_1", "pool4", "pool4"},
    {"relu1_1"},
};

ExecutionPlan uniform(int64_t strip_rows, bool keeps_activations) {
  return {std::vector<ExecutionPlan::Block>(5, {strip_rows, keeps_activations})};
}

const std::vector<ExecutionPlan>& plans() {
  static const std::vector<ExecutionPlan> kPlans{
      uniform(2, false),
      uniform(2, true),
      uniform(3, false),
      uniform(4, true),
      uniform(7, false),
      uniform(16, false),
      uniform(kWhole, false),
      {{{6, false}}},
      {{{8, false}, {4, false}, {kWhole}}},
      {{{8, true}, {4, false}}},
      {{{kWhole}, {2, false}, {6}, {kWhole, false}, {2, true}}},
  };
  return kPlans;
}

void expect_every_plan_equals_the_whole(at::ScalarType type, double allowed) {
  const Network network = tiny_network();
  for (const Size2 size : kSizes) {
    const at::Tensor image =
        random_image(size.height, size.width, 3, type == at::kDouble ? type : at::kFloat);
    for (size_t set = 0; set < kLayerSets.size(); ++set) {
      for (const Pooling pooling : {Pooling::kMax, Pooling::kAverage}) {
        const ItemResult whole =
            execution(kLayerSets[set], pooling, image, {}, runtime_of(type), network);
        for (size_t plan = 0; plan < plans().size(); ++plan) {
          SCOPED_TRACE(std::to_string(size.height) + "x" + std::to_string(size.width) +
                       ", layers " + std::to_string(set) + ", plan " + std::to_string(plan) +
                       (pooling == Pooling::kMax ? ", max" : ", average"));
          const ItemResult cut =
              execution(kLayerSets[set], pooling, image, plans()[plan], runtime_of(type), network);
          EXPECT_LT(relative_error(cut.gradient, whole.gradient), allowed);
          for (size_t i = 0; i < cut.hooks.size(); ++i) {
            EXPECT_LT(relative_error(cut.hooks[i].seen(), whole.hooks[i].seen()), allowed);
            EXPECT_TRUE(cut.hooks[i].saw_every_row_once());
            EXPECT_TRUE(cut.hooks[i].was_asked_for_every_row());
          }
        }
      }
    }
  }
}

TEST(ForwardBackward, EveryStripPlanEqualsTheWholeImageInFloat64) {
  expect_every_plan_equals_the_whole(at::kDouble, 1e-10);
}

TEST(ForwardBackward, EveryStripPlanEqualsTheWholeImageInFloat32) {
  expect_every_plan_equals_the_whole(at::kFloat, 1e-5);
}

TEST(ForwardBackward, StripsEqualTheWholeImageInBfloat16) {
  // 64 channels: the first convolution then uses AMX if the processor has it.
  const Network network = tiny_network({{64, 16, 16, 16, 16}});
  const Runtime runtime = runtime_of(at::kBFloat16);
  const at::Tensor image = random_image(49, 65, 4);
  const std::vector<std::string> layers{"relu1_1", "relu2_1", "relu3_1"};
  const ItemResult whole = execution(layers, Pooling::kMax, image, {}, runtime, network);
  for (const ExecutionPlan& plan : plans()) {
    const ItemResult cut = execution(layers, Pooling::kMax, image, plan, runtime, network);
    EXPECT_LT(relative_error(cut.gradient, whole.gradient), 0.03);
    for (size_t i = 0; i < layers.size(); ++i) {
      EXPECT_LT(relative_error(cut.hooks[i].seen(), whole.hooks[i].seen()), 0.01);
    }
  }
}

TEST(ForwardBackward, StripsAreAsCloseToFloat32AsTheWholeImageInInt16) {
  // A Winograd tile that is cut by a strip's edge has a different quantization scale, which changes
  // decisions of ReLUs and poolings: strips and whole image differ as much as each does from
  // float32.
  const Network network = tiny_network({{64, 64, 64, 16, 16}});
  Runtime runtime = runtime_of(at::kFloat);
  const at::Tensor image = random_image(49, 65, 4);
  const std::vector<std::string> layers{"relu1_1", "relu2_1", "relu3_1"};
  const ItemResult exact = execution(layers, Pooling::kMax, image, {}, runtime, network);
  runtime.multiplies_int16 = true;
  const ItemResult whole = execution(layers, Pooling::kMax, image, {}, runtime, network);
  const double whole_error = relative_error(whole.gradient, exact.gradient);
  for (const ExecutionPlan& plan : plans()) {
    const ItemResult cut = execution(layers, Pooling::kMax, image, plan, runtime, network);
    EXPECT_LT(relative_error(cut.gradient, exact.gradient), 1.1 * whole_error);
    for (size_t i = 0; i < layers.size(); ++i) {
      EXPECT_LT(relative_error(cut.hooks[i].seen(), whole.hooks[i].seen()), 0.002);
    }
  }
}

TEST(ForwardBackward, SeesTheFeaturesOfTheDefinition) {
  for (const bool bgr : {true, false}) {
    TinyNetworkOptions options;
    options.bgr = bgr;
    const Network network = tiny_network(options);
    const at::Tensor image = random_image(33, 37, 5, at::kDouble);
    for (const Pooling pooling : {Pooling::kMax, Pooling::kAverage}) {
      const auto exact = naive_features(network, image, pooling);
      std::vector<std::string> layers;
      for (const auto& [name, features] : exact) layers.push_back(name);
      ASSERT_EQ(layers.size(), network.layers.size());
      for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
        const ItemResult outcome =
            execution(layers, pooling, image.to(type), {}, runtime_of(type), network);
        for (size_t i = 0; i < layers.size(); ++i) {
          SCOPED_TRACE(layers[i]);
          EXPECT_LT(relative_error(outcome.hooks[i].seen().permute({2, 0, 1}), exact.at(layers[i])),
                    type == at::kDouble ? 1e-12 : 1e-5);
        }
      }
    }
  }
}

TEST(ForwardBackward, GradientEqualsFiniteDifferences) {
  const Network network = tiny_network();
  const at::Tensor image = random_image(18, 21, 6, at::kDouble);
  for (const auto& layers : kLayerSets) {
    for (const Pooling pooling : {Pooling::kMax, Pooling::kAverage}) {
      SCOPED_TRACE(layers.front());
      const ItemResult outcome =
          execution(layers, pooling, image, {}, runtime_of(at::kDouble), network);
      const auto loss = [&](const at::Tensor& x) {
        const auto features = naive_features(network, x, pooling);
        double sum = 0.0;
        for (size_t i = 0; i < layers.size(); ++i) {
          sum += (features.at(layers[i]).permute({1, 2, 0}) * outcome.hooks[i].weights())
                     .sum()
                     .item<double>();
        }
        return sum;
      };
      for (std::uint64_t seed = 7; seed < 10; ++seed) {
        const at::Tensor direction = random_normal(image.sizes(), seed, at::kDouble);
        const double slope = slope_along(loss, image, direction);
        EXPECT_NEAR((outcome.gradient * direction).sum().item<double>(), slope,
                    1e-5 * std::abs(slope) + 1e-4);
      }
    }
  }
}

TEST(ForwardBackward, Bfloat16IsCloseToFloat64) {
  for (const int64_t first_channels : {4, 64}) {
    SCOPED_TRACE(first_channels);
    const Network network = tiny_network({{first_channels, 16, 16, 16, 16}});
    const at::Tensor image = random_image(40, 56, 8);
    const std::vector<std::string> layers{"relu1_1", "relu3_1"};
    const ItemResult low =
        execution(layers, Pooling::kAverage, image, {}, runtime_of(at::kBFloat16), network);
    const ItemResult exact = execution(layers, Pooling::kAverage, image.to(at::kDouble), {},
                                       runtime_of(at::kDouble), network);
    for (size_t i = 0; i < layers.size(); ++i) {
      EXPECT_LT(relative_error(low.hooks[i].seen(), exact.hooks[i].seen()), 0.02);
    }
    const at::Tensor difference = low.gradient.to(at::kDouble) - exact.gradient;
    EXPECT_LT(difference.norm().item<double>() / exact.gradient.norm().item<double>(), 0.05);
    EXPECT_EQ(low.gradient.scalar_type(), at::kFloat);
  }
}

TEST(Forward, GivesTheSameFeaturesAsForwardBackward) {
  const Network network = tiny_network();
  const at::Tensor image = random_image(35, 40, 9);
  const std::vector<std::string> layers{"relu1_2", "pool2", "conv4_1"};
  const ItemResult both =
      execution(layers, Pooling::kMax, image, {}, runtime_of(at::kFloat), network);
  const FeatureNetwork features(network, layers, Pooling::kMax, runtime_of(at::kFloat));
  for (const ExecutionPlan& plan : plans()) {
    std::vector<LinearTap> seen;
    for (const auto& layer : layers) {
      seen.emplace_back(features.shape_of(layer, 35, 40), 1, at::kFloat);
    }
    LayerHooks hooks;
    for (size_t i = 0; i < layers.size(); ++i) hooks.emplace(layers[i], &seen[i]);
    features.forward(image, hooks, plan);
    for (size_t i = 0; i < layers.size(); ++i) {
      EXPECT_LT(relative_error(seen[i].seen(), both.hooks[i].seen()), 1e-6);
    }
  }
}

TEST(ForwardBackward, NeedsNoHooksForAZeroGradient) {
  const FeatureNetwork features(tiny_network(), {"relu3_1"}, Pooling::kMax, runtime_of(at::kFloat));
  const at::Tensor image = random_image(16, 16, 10);
  const at::Tensor gradient = features.forward_backward(image, {}, [] {});
  EXPECT_EQ(gradient.sizes(), image.sizes());
  EXPECT_EQ(gradient.count_nonzero().item<int64_t>(), 0);
}

TEST(FeatureNetwork, KnowsTheShapeOfEveryLayer) {
  const Network network = tiny_network();
  const at::Tensor image = random_image(37, 70, 11, at::kDouble);
  const FeatureNetwork features(network, {"pool5"}, Pooling::kMax, runtime_of(at::kFloat));
  for (const auto& [name, exact] : naive_features(network, image)) {
    SCOPED_TRACE(name);
    const auto shape = features.shape_of(name, 37, 70);
    EXPECT_EQ((std::vector<int64_t>{shape.channels, shape.height, shape.width}),
              exact.sizes().vec());
  }
}

TEST(FeatureNetwork, StopsAtTheDeepestLayerAskedFor) {
  const Network network = tiny_network();
  const auto blocks = [&](const std::vector<std::string>& layers) {
    return FeatureNetwork(network, layers, Pooling::kMax, runtime_of(at::kFloat)).block_count();
  };
  EXPECT_EQ(blocks({"relu1_1"}), 1);
  EXPECT_EQ(blocks({"pool1"}), 1);
  EXPECT_EQ(blocks({"conv2_1", "relu1_1"}), 2);
  EXPECT_EQ(blocks({"relu5_1"}), 5);
  const FeatureNetwork shallow(network, {"relu2_1"}, Pooling::kMax, runtime_of(at::kFloat));
  EXPECT_THROW(static_cast<void>(shallow.shape_of("relu3_1", 64, 64)), UsageError);
}

TEST(FeatureNetwork, RefusesAnUnknownLayerAndNamesTheNearest) {
  try {
    const FeatureNetwork features(tiny_network(), {"relu4_3"}, Pooling::kMax,
                                  runtime_of(at::kFloat));
    FAIL() << "an unknown layer was taken";
  } catch (const UsageError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("relu4_3"), std::string::npos) << message;
    EXPECT_NE(message.find("did you mean 'relu4_"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace styletransfer
