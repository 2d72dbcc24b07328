#include "device/device_check.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

namespace styletransfer::detail {
namespace {

TEST(DeviceProducts, AreRightOnTheProcessorInFloat32AndFloat64) {
  for (const c10::ScalarType type : {c10::kFloat, c10::kDouble}) {
    EXPECT_TRUE(multiplies_right(c10::kCPU, type)) << type;
  }
}

TEST(DeviceProducts, AreRefusedByADeviceThatHasNoNumbers) {
  EXPECT_THROW(static_cast<void>(multiplies_right(c10::kMeta, c10::kFloat)), c10::Error);
}

TEST(DeviceProducts, OnCudaAreNotRoundedToTf32) {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuDNN(true);
  context.setAllowTF32CuBLAS(true);
  keep_full_precision_on_cuda();
  EXPECT_FALSE(context.allowTF32CuDNN());
  EXPECT_FALSE(context.allowTF32CuBLAS());
}

}  // namespace
}  // namespace styletransfer::detail
