#include "styletransfer/feed_forward_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "device/image_tensor.h"
#include "serialization/safetensors.h"
#include "styletransfer/error.h"
#include "styletransfer/runtime.h"
#include "support/numbers.h"
#include "support/script_network.h"

namespace styletransfer {
namespace {

constexpr std::int64_t kPlenty = std::int64_t{1} << 40;
const std::string kNetworks = STYLETRANSFER_SOURCE_DIR "/tests/data/networks/";

Runtime cpu() {
  RuntimeOptions options;
  options.device = "cpu";
  options.precision = Precision::kFloat32;
  options.threads = 2;
  return resolve_runtime(options);
}

Image image(int width, int height) {
  return detail::image_from_tensor(random_image(height, width, 5));
}

std::string refusal(const std::string& path, const ConventionClues& asked = {}) {
  try {
    const FeedForwardNetwork network(path, asked, cpu());
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

double largest_difference(const Image& a, const Image& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.rgb01.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a.rgb01[i]) - b.rgb01[i]));
  }
  return largest;
}

struct Published {
  std::string name;
  std::string family;
  double black;
  double white;
};

void PrintTo(const Published& form, std::ostream* out) { *out << form.name; }

class PublishedForms : public testing::TestWithParam<Published> {};

/// PyTorch's output for a network of that form (tests/support/make_feed_forward_networks.py).
TEST_P(PublishedForms, PaintAsInPython) {
  const Published& form = GetParam();
  detail::SafetensorsReader python(kNetworks + form.name + ".safetensors", 1 << 20);
  const auto as_image = [&](const std::string& tensor) {
    const at::Tensor values = python.read(tensor);
    return detail::image_from_tensor(
        ((values - form.black) / (form.white - form.black)).squeeze(0).permute({1, 2, 0}));
  };
  const FeedForwardNetwork network(kNetworks + form.name + ".pt", convention_of_family(form.family),
                                   cpu());
  EXPECT_EQ(network.why_whole_only(), "");
  const Image painted = network.paint(as_image("input"), kPlenty).image;
  EXPECT_LT(largest_difference(painted, as_image("output")), 1e-4);
  // A flat image would hide errors.
  const auto [min, max] = std::minmax_element(painted.rgb01.begin(), painted.rgb01.end());
  EXPECT_GT(*max - *min, 0.5);
}

INSTANTIATE_TEST_SUITE_P(
    All, PublishedForms,
    testing::Values(Published{"examples_scripted", "pytorch-examples", 0.0, 255.0},
                    Published{"examples_traced", "pytorch-examples", 0.0, 255.0},
                    Published{"cyclegan_scripted", "cyclegan", -1.0, 1.0},
                    Published{"cyclegan_traced", "cyclegan", -1.0, 1.0}),
    [](const auto& test) { return test.param.name; });

TEST(FeedForwardNetwork, TakesItsConventionFromTheFile) {
  const FeedForwardNetwork network(kNetworks + "cyclegan_scripted.pt", {}, cpu());
  EXPECT_EQ(network.convention().input_range, ValueRange::kMinus1To1);
  EXPECT_EQ(network.convention().multiple_of, 4);
  EXPECT_FALSE(network.convention().bgr);
}

TEST(FeedForwardNetwork, TakesTheInputRangeForTheOutputToo) {
  const FeedForwardNetwork network(kNetworks + "examples_scripted.pt", {}, cpu());
  EXPECT_EQ(network.convention().output_range, ValueRange::k0To255);
  EXPECT_EQ(network.kind(), "fast network, random weights");
}

TEST(FeedForwardNetwork, LetsFlagsWinOverTheFile) {
  ConventionClues asked;
  asked.bgr = true;
  asked.multiple_of = 8;
  const FeedForwardNetwork network(kNetworks + "cyclegan_scripted.pt", asked, cpu());
  EXPECT_TRUE(network.convention().bgr);
  EXPECT_EQ(network.convention().multiple_of, 8);
}

TEST(FeedForwardNetwork, GivesBackTheImageThatAnIdentityGets) {
  const ScriptNetworkFile file("    return x * 1.0\n", "-1..1");
  ConventionClues asked;
  asked.bgr = true;
  asked.multiple_of = 16;
  const Image given = image(37, 21);
  EXPECT_LT(largest_difference(
                FeedForwardNetwork(file.path(), asked, cpu()).paint(given, kPlenty).image, given),
            1e-6);
}

TEST(FeedForwardNetwork, NormalizesByMeanAndStddevInTheRangesUnits) {
  const ScriptNetworkFile file("    return x / 8.0\n", "0..255");
  ConventionClues asked;
  asked.mean = {51.0, 51.0, 51.0};
  asked.stddev = {0.5, 0.5, 0.5};
  Image gray = image(16, 16);
  std::fill(gray.rgb01.begin(), gray.rgb01.end(), 0.6F);
  // (153 - 51) / 0.5 / 8 = 25.5 of 255
  const Image painted = FeedForwardNetwork(file.path(), asked, cpu()).paint(gray, kPlenty).image;
  EXPECT_NEAR(painted.rgb01.front(), 0.1, 1e-5);
}

TEST(FeedForwardNetwork, SwapsColorsForBgrNetworks) {
  // Passes only the first channel through, which is blue if the network receives B, G, R.
  const ScriptNetworkFile file("    return x * torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)\n");
  ConventionClues asked;
  asked.bgr = true;
  const Image given = image(16, 16);
  const Image painted = FeedForwardNetwork(file.path(), asked, cpu()).paint(given, kPlenty).image;
  EXPECT_EQ(painted.rgb01[0], 0.0F);
  EXPECT_NEAR(painted.rgb01[2], given.rgb01[2], 1e-6);
}

TEST(FeedForwardNetwork, KeepsAlpha) {
  const ScriptNetworkFile file("    return x * 0.5\n");
  Image given = image(16, 12);
  given.alpha01.assign(16 * 12, 0.25F);
  EXPECT_EQ(FeedForwardNetwork(file.path(), {}, cpu()).paint(given, kPlenty).image.alpha01,
            given.alpha01);
}

TEST(FeedForwardNetwork, CountsWhatIsOutOfRange) {
  const ScriptNetworkFile file("    return x + 2.0\n");
  const FeedForwardNetwork network(file.path(), {}, cpu());
  EXPECT_EQ(network.paint(image(16, 16), kPlenty).share_out_of_range, 1.0);
}

TEST(FeedForwardNetwork, CountsWhatIsNoNumberAsOutOfRange) {
  const ScriptNetworkFile file("    return x * float('nan')\n");
  const NetworkOutput painted =
      FeedForwardNetwork(file.path(), {}, cpu()).paint(image(16, 16), kPlenty);
  EXPECT_EQ(painted.share_out_of_range, 1.0);
  EXPECT_EQ(painted.image.rgb01.front(), 0.0F);
}

TEST(FeedForwardNetwork, MayGiveTheImageItself) {
  const ScriptNetworkFile file("    return x\n");
  const Image given = image(20, 16);
  const FeedForwardNetwork network(file.path(), {}, cpu());
  EXPECT_LT(largest_difference(network.paint(given, kPlenty).image, given), 1e-6);
}

TEST(FeedForwardNetwork, AsksForAnInputRangeThatNobodyNames) {
  const ScriptNetworkFile file("    return x\n", "");
  const std::string words = refusal(file.path());
  EXPECT_NE(words.find("convention pytorch-examples"), std::string::npos) << words;
  EXPECT_NE(words.find("input_range"), std::string::npos) << words;
}

TEST(FeedForwardNetwork, RefusesAnUnknownRangeInTheFile) {
  const ScriptNetworkFile file("    return x\n", "0..100");
  EXPECT_NE(refusal(file.path()).find("'0..100'"), std::string::npos);
}

TEST(FeedForwardNetwork, RefusesAnotherOutputSize) {
  const ScriptNetworkFile file("    return torch.upsample_nearest2d(x, None, [2.0, 2.0])\n");
  EXPECT_NE(refusal(file.path()).find("keep the size"), std::string::npos);
}

TEST(FeedForwardNetwork, RefusesOneChannel) {
  const ScriptNetworkFile file("    return x[:, 0:1]\n");
  EXPECT_NE(refusal(file.path()).find("[1, 1, 64, 65]"), std::string::npos) << refusal(file.path());
}

TEST(FeedForwardNetwork, NamesTheMultipleThatWorks) {
  const ScriptNetworkFile file(
      "    y = torch.avg_pool2d(x, [8, 8])\n"
      "    return torch.upsample_nearest2d(y, [y.size(2) * 8, y.size(3) * 8], None, None)\n");
  const std::string words = refusal(file.path());
  EXPECT_NE(words.find("multiple_of 8"), std::string::npos) << words;
}

TEST(FeedForwardNetwork, SaysInOneLineWhyANetworkFails) {
  const ScriptNetworkFile file("    return torch.conv2d(x, torch.zeros([3, 5, 1, 1]))\n");
  const std::string words = refusal(file.path());
  EXPECT_NE(words.find("fails on an image"), std::string::npos) << words;
  EXPECT_EQ(words.find('\n'), std::string::npos) << words;
}

TEST(FeedForwardNetwork, RefusesWhatIsNoNetwork) {
  EXPECT_NE(refusal("/nowhere/painting.pt").find("does not exist"), std::string::npos);
  EXPECT_NE(refusal(kNetworks + "cyclegan_traced.safetensors").find("TorchScript"),
            std::string::npos);
}

TEST(FeedForwardNetwork, RunsWholeWhatItCannotReadByRows) {
  const ScriptNetworkFile file("    return x.flip([2])\n");
  const FeedForwardNetwork network(file.path(), {}, cpu());
  EXPECT_NE(network.why_whole_only().find("flip"), std::string::npos);
  const Image given = image(20, 16);
  EXPECT_NEAR(network.paint(given, kPlenty).image.rgb01.front(), given.rgb01[3 * 20 * 15], 1e-6);
}

TEST(FeedForwardNetwork, RefusesASizeThatDoesNotFitAndNamesOneThatDoes) {
  const FeedForwardNetwork network(kNetworks + "examples_scripted.pt", {}, cpu());
  const Size large{4000, 3000};
  const std::int64_t limit = network.min_memory_bytes({2000, 1500});
  Image given;
  given.size = large;
  try {
    static_cast<void>(network.paint(given, limit));
    FAIL() << "was not refused";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("size 200"), std::string::npos) << error.what();
  }
}

TEST(FeedForwardNetwork, PaintsTheSameInLittleMemory) {
  const FeedForwardNetwork network(kNetworks + "examples_scripted.pt", {}, cpu());
  const Image given = image(613, 402);
  const Image whole = network.paint(given, kPlenty).image;
  const Image in_strips = network.paint(given, network.min_memory_bytes(given.size)).image;
  EXPECT_LT(largest_difference(whole, in_strips), 1e-5);
}

TEST(FeedForwardNetwork, StopsWhereTheTickThrows) {
  struct Stop {};
  const FeedForwardNetwork network(kNetworks + "examples_scripted.pt", {}, cpu());
  EXPECT_THROW(
      static_cast<void>(network.paint(image(64, 64), kPlenty, [](int, int) { throw Stop(); })),
      Stop);
}

TEST(ConventionOfFamily, RefusesAnUnknownName) {
  EXPECT_THROW(static_cast<void>(convention_of_family("magic")), UsageError);
}

}  // namespace
}  // namespace styletransfer
