#include "training/training_memory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "device/caching_allocator.h"
#include "styletransfer/error.h"
#include "support/training_folder.h"

namespace styletransfer::detail {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

/// Bytes of a step that allocates two float32 planes at the same time.
std::int64_t bytes_of_two_planes(int size_px, int batch) {
  return std::int64_t{8} * size_px * size_px * batch;
}

TrainingMemory two_planes() {
  return {{}, [](int size_px) {
            const at::Tensor one = at::empty({size_px, size_px}, at::kFloat);
            static_cast<void>(at::empty_like(one));
            static_cast<void>(at::empty_like(one));
          }};
}

TEST(TrainingMemory, EstimatesThePeakOfLargerStepsInTheAllocatorToo) {
  install_tensor_allocator();
  const std::int64_t told = two_planes().bytes(512, 3);
  EXPECT_GE(told, bytes_of_two_planes(512, 3));
  EXPECT_LE(told, bytes_of_two_planes(512, 3) * 5 / 4);
}

TEST(TrainingMemory, CountsMomentsAndLeavesNoGradients) {
  const at::Tensor weight = at::zeros({1000, 1000}, at::kFloat).requires_grad_(true);
  const TrainingMemory memory({{"weight", weight}}, [&](int size_px) {
    (weight.sum() * static_cast<double>(size_px)).backward();
  });
  EXPECT_FALSE(weight.grad().defined());
  EXPECT_GE(memory.bytes(64, 1), std::int64_t{5} * 4 * 1000 * 1000);
}

class PhotoBytes : public testing::Test {
 protected:
  std::int64_t left(TrainingExtent asked, std::int64_t limit_bytes) {
    TrainingLimits limits;
    limits.memory_limit_bytes = limit_bytes;
    return bytes_for_photos(
        asked,
        [](TrainingExtent extent) { return bytes_of_two_planes(extent.size_px, extent.batch); },
        limits, runtime_, recorder_);
  }

  Runtime runtime_ = resolve_runtime({"cpu", Precision::kFloat32, 1});
  TrainingRecorder recorder_;
};

TEST_F(PhotoBytes, AreWhatTheTrainingLeaves) {
  const std::int64_t held = current_memory_bytes();
  const std::int64_t bytes = left({512, 1}, held + 100 * kMegabyte);
  EXPECT_NEAR(static_cast<double>(bytes), static_cast<double>(98 * kMegabyte),
              static_cast<double>(5 * kMegabyte));
}

TEST_F(PhotoBytes, OfATrainingThatDoesNotFitAreARefusalWithWhatWould) {
  try {
    static_cast<void>(left({1024, 16}, current_memory_bytes() + 64 * kMegabyte));
    FAIL();
  } catch (const UsageError& error) {
    const std::string words = error.what();
    EXPECT_NE(words.find("squares of 1024 pixels, 16 at a time"), std::string::npos) << words;
    EXPECT_NE(words.find("size "), std::string::npos) << words;
    EXPECT_NE(words.find(" or batch "), std::string::npos) << words;
    EXPECT_NE(words.find("memory_limit"), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace styletransfer::detail
