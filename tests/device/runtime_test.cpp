#include "styletransfer/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "device/cuda_library.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

/// Restores the thread count, which resolve_runtime sets for the whole process.
class ResolveRuntime : public testing::Test {
 protected:
  ~ResolveRuntime() override { at::set_num_threads(threads_); }

  static std::string refusal(const std::string& device) {
    RuntimeOptions options;
    options.device = device;
    try {
      static_cast<void>(resolve_runtime(options));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "taken";
  }

 private:
  int threads_ = at::get_num_threads();
};

RuntimeOptions on_cpu(Precision precision, int threads = 0) {
  RuntimeOptions options;
  options.device = "cpu";
  options.precision = precision;
  options.threads = threads;
  return options;
}

TEST_F(ResolveRuntime, TakesTheProcessorWhenAskedFor) {
  const Runtime runtime = resolve_runtime(on_cpu(Precision::kAuto));
  EXPECT_TRUE(runtime.device.is_cpu());
  EXPECT_EQ(runtime.description.rfind("cpu (", 0), 0U) << runtime.description;
}

TEST_F(ResolveRuntime, UsesThePrecisionAskedFor) {
  const Runtime full = resolve_runtime(on_cpu(Precision::kFloat32));
  EXPECT_EQ(full.feature_type, c10::kFloat);
  EXPECT_FALSE(full.multiplies_int16);
  EXPECT_NE(full.description.find("float32 features"), std::string::npos);
  EXPECT_EQ(full.description.find("int16"), std::string::npos);
  const Runtime integers = resolve_runtime(on_cpu(Precision::kInt16));
  EXPECT_EQ(integers.feature_type, c10::kFloat);
  EXPECT_TRUE(integers.multiplies_int16);
  EXPECT_NE(integers.description.find("float32 features, int16 products"), std::string::npos);
  const Runtime half = resolve_runtime(on_cpu(Precision::kBfloat16));
  EXPECT_EQ(half.feature_type, c10::kBFloat16);
  EXPECT_NE(half.description.find("bfloat16 features"), std::string::npos);
}

TEST_F(ResolveRuntime, ChoosesAFeatureTypeByItself) {
  const c10::ScalarType type = resolve_runtime(on_cpu(Precision::kAuto)).feature_type;
  EXPECT_TRUE(type == c10::kFloat || type == c10::kBFloat16);
}

TEST_F(ResolveRuntime, UsesTheThreadsAskedFor) {
  const Runtime one = resolve_runtime(on_cpu(Precision::kFloat32, 1));
  EXPECT_EQ(one.threads, 1);
  EXPECT_EQ(at::get_num_threads(), 1);
  EXPECT_NE(one.description.find(", 1 thread"), std::string::npos) << one.description;
  EXPECT_EQ(one.description.find("threads"), std::string::npos) << one.description;
  const Runtime three = resolve_runtime(on_cpu(Precision::kFloat32, 3));
  EXPECT_EQ(three.threads, 3);
  EXPECT_EQ(at::get_num_threads(), 3);
  EXPECT_NE(three.description.find("3 threads"), std::string::npos) << three.description;
}

TEST_F(ResolveRuntime, FindsAtLeastOneThreadByItself) {
  EXPECT_GE(resolve_runtime(on_cpu(Precision::kFloat32)).threads, 1);
}

TEST_F(ResolveRuntime, ChoosesAUsableDeviceByItself) {
  const Runtime runtime = resolve_runtime({});
  EXPECT_TRUE(runtime.device.is_cpu() || runtime.device.is_cuda());
  EXPECT_TRUE(runtime.device.is_cpu() || detail::missing_for_cuda().empty());
}

TEST_F(ResolveRuntime, SaysWhyItFellBackOnlyWhereThereIsADriver) {
  const Runtime runtime = resolve_runtime({});
  const bool fell_back = runtime.device.is_cpu() && detail::has_nvidia_driver();
  EXPECT_EQ(runtime.fallback_reason.empty(), !fell_back) << runtime.fallback_reason.text();
  EXPECT_EQ(resolve_runtime(on_cpu(Precision::kAuto)).fallback_reason.text(), "");
}

TEST_F(ResolveRuntime, RefusesAnUnknownDeviceNamingTheValidOnes) {
  for (const std::string name : {"gpu", "cuda:x", "cpu0", ""}) {
    SCOPED_TRACE(name);
    const std::string message = refusal(name);
    EXPECT_NE(message.find("device " + name), std::string::npos) << message;
    EXPECT_NE(message.find("auto, cpu, cuda"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST_F(ResolveRuntime, RefusesDevicesThatThisProgramDoesNotServe) {
  for (const std::string name : {"meta", "mkldnn", "hpu", "xla"}) {
    SCOPED_TRACE(name);
    const std::string message = refusal(name);
    EXPECT_NE(message.find("device " + name), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST_F(ResolveRuntime, RefusesAGpuThatIsNotThereSayingWhy) {
  if (detail::has_nvidia_driver()) GTEST_SKIP() << "this machine has an NVIDIA driver";
  for (const std::string name : {"cuda", "cuda:0", "cuda:7"}) {
    const std::string message = refusal(name);
    EXPECT_NE(message.find("device " + name), std::string::npos) << message;
    // Depending on the machine, the driver or libtorch_cuda is reported as missing.
    EXPECT_TRUE(message.find("driver") != std::string::npos ||
                message.find("no CUDA half") != std::string::npos)
        << message;
    EXPECT_NE(message.find("device cpu"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST_F(ResolveRuntime, RefusesMpsWhereLibTorchHasNone) {
  if (at::hasMPS()) GTEST_SKIP() << "this LibTorch has MPS";
  const std::string message = refusal("mps");
  EXPECT_NE(message.find("device mps: only LibTorch for macOS"), std::string::npos) << message;
  EXPECT_NE(message.find("device cpu"), std::string::npos) << message;
}

TEST(Memory, HasRoomAndKnowsItsPeak) {
  const Runtime runtime;
  constexpr std::int64_t kMegabyte = 1 << 20;
  EXPECT_GT(available_memory_bytes(runtime), 16 * kMegabyte);
  const std::int64_t before = peak_memory_bytes();
  EXPECT_GT(before, kMegabyte);
  {
    std::vector<char> block(static_cast<std::size_t>(before + 64 * kMegabyte), 1);
    EXPECT_EQ(block.back(), 1);
  }
  // The peak is still reported after the memory was released.
  EXPECT_GT(peak_memory_bytes(), before + 32 * kMegabyte);
}

}  // namespace
}  // namespace styletransfer
