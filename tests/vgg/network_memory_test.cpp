#include "vgg/network_memory.h"

#include <ATen/ATen.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "styletransfer/error.h"
#include "support/soft_limit.h"
#include "support/tiny_network.h"
#include "vgg/convolution.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

/// Counts this thread's tensor memory.
class HeldBytes : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*ptr*/, std::int64_t alloc_size, std::size_t /*total_allocated*/,
                         std::size_t /*total_reserved*/, c10::Device /*device*/) override {
    bytes += alloc_size;
  }
  [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }
  std::int64_t bytes = 0;
};

TEST(NetworkMemory, IsWhatThePreparedConvolutionHolds) {
  using detail::Convolution;
  for (const std::int64_t channels : {64, 256}) {
    const at::Tensor weight = at::ones({channels, channels, 3, 3});
    const at::Tensor bias = at::zeros({channels});
    for (const auto form : {Convolution::Form::kFastest, Convolution::Form::kFastestInInt16}) {
      const auto count = std::make_shared<HeldBytes>();
      const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, count);
      const Convolution convolution(weight, bias, at::kCPU, at::kFloat, form);
      const std::int64_t held = Convolution::prepared_bytes(weight, at::kFloat, form).held;
      EXPECT_NEAR(static_cast<double>(held), static_cast<double>(count->bytes),
                  0.02 * static_cast<double>(count->bytes) + 4096.0)
          << channels;
    }
  }
}

std::string refusal(const Network& network) {
  Runtime runtime;
  try {
    const FeatureNetwork features(network, {"relu2_2"}, Pooling::kMax, runtime);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(NetworkMemory, IsRefusedBeforeItIsTakenWhereALimitHolds) {
  TinyNetworkOptions options;
  options.channels = {256, 256};
  const Network network = tiny_network(options);
  EXPECT_EQ(refusal(network), "");
  const std::int64_t needed = FeatureNetwork::prepared_bytes(network, {"relu2_2"}, Runtime());
  EXPECT_GT(needed, std::int64_t{3} * 256 * 256 * 9 * 4);
  const SoftLimit limit(RLIMIT_AS, address_space_in_use() + (std::uint64_t{32} << 20));
  const std::string message = refusal(network);
  for (const char* part :
       {"the network takes", "(ulimit -v)", "no size would fit", "raise `ulimit -v`"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  EXPECT_EQ(message.find("lower size"), std::string::npos) << message;
  EXPECT_NO_THROW(detail::require_network_memory(1));
}

}  // namespace
}  // namespace styletransfer
