// Networks in strips against the same networks run whole by LibTorch.
#include "feedforward/row_layer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "feedforward/channel_statistics.h"
#include "feedforward/strip_executor.h"
#include "styletransfer/error.h"
#include "support/numbers.h"

namespace styletransfer {
namespace {

using detail::StripPass;

class Script {
 public:
  explicit Script(const std::string& forward) : module_("__torch__.Rows") {
    module_.register_attribute("weight", c10::TensorType::get(), random_normal({6, 3, 3, 3}, 1));
    module_.register_attribute("back", c10::TensorType::get(), random_normal({6, 3, 3, 3}, 2));
    module_.register_attribute("bias", c10::TensorType::get(), random_normal({6}, 3));
    module_.register_attribute("scale", c10::TensorType::get(), random_normal({3, 1, 1}, 4));
    module_.define("def forward(self, x):\n    return " + forward + "\n");
  }
  at::Tensor operator()(const at::Tensor& x) { return module_.forward({x}).toTensor(); }

 private:
  torch::jit::Module module_;
};

/// Largest error of strips of several heights and plans against the whole image, over many sizes.
double error_in_strips(Script script) {
  const c10::InferenceMode no_gradients;
  const auto run = [&](const at::Tensor& x) { return script(x); };
  const auto layers =
      detail::row_layers(detail::trace_network(run, random_normal({1, 3, 24, 16}, 9)));
  double error = 0.0;
  for (const auto& [height, width] : {std::pair{8, 8}, {9, 17}, {24, 16}, {31, 12}, {50, 23}}) {
    const at::Tensor input = random_normal({1, 3, height, width}, 7) + 2.0;
    const at::Tensor wanted = script(input);
    for (const std::int64_t limit : {std::int64_t{0}, std::int64_t{1} << 40}) {
      auto plan = detail::plan_strips(layers, {3, height, width}, 4, limit);
      for (const std::int64_t rows : {1, 3, 7, 100}) {
        for (StripPass& strip_pass : plan.passes) strip_pass.strip_rows = rows;
        const at::Tensor got = detail::run_in_strips(layers, plan, input, [](int, int) {});
        error = std::max(error, relative_error(got, wanted));
      }
    }
  }
  return error;
}

TEST(RowLayers, ConvolveAsTheWhole) {
  EXPECT_LT(error_in_strips(Script("torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1])")),
            1e-5);
}

TEST(RowLayers, ConvolveWithStridesAndGapsAsTheWhole) {
  EXPECT_LT(error_in_strips(Script("torch.conv2d(x, self.weight, self.bias, [2, 2], [2, 1])")),
            1e-5);
  EXPECT_LT(error_in_strips(Script("torch.conv2d(x, self.weight, None, [3, 1], [0, 0])")), 1e-5);
  EXPECT_LT(error_in_strips(Script("torch.conv2d(x, self.weight, None, [1, 1], [2, 2], [2, 2])")),
            1e-5);
}

TEST(RowLayers, ConvolveTransposedAsTheWhole) {
  const std::string down = "torch.conv2d(x, self.weight, self.bias, [2, 2], [1, 1])";
  EXPECT_LT(error_in_strips(Script("torch.conv_transpose2d(" + down +
                                   ", self.back, None, [2, 2], [1, 1], [1, 1])")),
            1e-5);
  EXPECT_LT(error_in_strips(Script("torch.conv_transpose2d(" + down +
                                   ", self.back, None, [3, 3], [0, 0], [2, 2])")),
            1e-5);
}

TEST(RowLayers, PadAsTheWhole) {
  for (const std::string mode : {"'reflect'", "'replicate'", "'constant', 0.5"}) {
    EXPECT_LT(error_in_strips(Script("torch.pad(x, [2, 1, 3, 2], " + mode + ")")), 1e-6) << mode;
  }
}

TEST(RowLayers, NormalizeByTheWholeImage) {
  EXPECT_LT(error_in_strips(Script("torch.instance_norm(torch.conv2d(x, self.weight), self.bias, "
                                   "self.bias, None, None, True, 0.1, 1e-5, False)")),
            1e-5);
}

TEST(RowLayers, NormalizeTwiceAsTheWhole) {
  const std::string norm = ", None, None, None, None, True, 0.1, 1e-5, False)";
  const std::string first =
      "torch.relu(torch.instance_norm(torch.conv2d(x, self.weight)" + norm + ")";
  EXPECT_LT(error_in_strips(Script("torch.instance_norm(torch.conv_transpose2d(" + first +
                                   ", self.back)" + norm)),
            1e-5);
}

TEST(RowLayers, EnlargeAsTheWhole) {
  EXPECT_LT(error_in_strips(Script("torch.upsample_nearest2d(x, None, [3.0, 3.0])")), 1e-6);
  EXPECT_LT(error_in_strips(Script("torch.upsample_bilinear2d(x, None, False, [2.0, 2.0])")), 1e-5);
}

TEST(RowLayers, AddAndScaleAsTheWhole) {
  EXPECT_LT(error_in_strips(Script("torch.tanh(x * self.scale + x.relu().mul_(2.0)) / 3.0")), 1e-6);
}

TEST(RowLayers, AreNotReadOffWhatLooksAround) {
  const auto read = [](const std::string& forward) {
    Script script(forward);
    return detail::row_layers(detail::trace_network([&](const at::Tensor& x) { return script(x); },
                                                    random_normal({1, 3, 16, 12}, 9)));
  };
  EXPECT_THROW(static_cast<void>(read("torch.cumsum(x, 2)")), UsageError);
  EXPECT_THROW(static_cast<void>(read("x - x.mean()")), UsageError);
  EXPECT_THROW(static_cast<void>(read("x * torch.ones([16, 12])")), UsageError);
  EXPECT_THROW(static_cast<void>(read("torch.max_pool2d(x, [3, 3], [1, 1], [1, 1])")), UsageError);
}

TEST(ChannelStatistics, AreThoseOfAllStripsTogether) {
  const at::Tensor values = random_normal({1, 5, 37, 29}, 3) * 3.0 + 100.0;
  detail::ChannelStatistics statistics(5);
  for (const auto& strip : values.split(8, 2)) statistics.add(strip);
  const at::Tensor exact = values.to(at::kDouble);
  EXPECT_LT(relative_error(statistics.mean().to(at::kDouble), exact.mean({0, 2, 3})), 1e-6);
  EXPECT_LT(relative_error(statistics.variance().to(at::kDouble),
                           exact.var({0, 2, 3}, /*unbiased=*/false)),
            1e-5);
}

}  // namespace
}  // namespace styletransfer
