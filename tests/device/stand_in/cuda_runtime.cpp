// Stand-in for libcudart: functions that the program and libtorch_cpu call before libtorch_cuda is
// opened.
#include "environment.h"

namespace {

constexpr int kSuccess = 0;
constexpr int kInvalidValue = 1;
constexpr int kInsufficientDriver = 35;
// Values of cudaDeviceAttr for the compute capability.
constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;
constexpr int kVersion = 13000;

}  // namespace

extern "C" {

/// FAKE_CUDA_DEVICES: number of devices; 0 behaves as without a driver.
int cudaGetDeviceCount(int* count) {
  *count = static_cast<int>(stand_in::number_from_environment("FAKE_CUDA_DEVICES", 1));
  return *count > 0 ? kSuccess : kInsufficientDriver;
}

/// FAKE_CUDA_CAPABILITY: 80 for compute capability 8.0.
int cudaDeviceGetAttribute(int* value, int attribute, int device) {
  const auto capability =
      static_cast<int>(stand_in::number_from_environment("FAKE_CUDA_CAPABILITY", 80));
  if (device != 0) return kInvalidValue;
  if (attribute != kCapabilityMajor && attribute != kCapabilityMinor) return kInvalidValue;
  *value = attribute == kCapabilityMajor ? capability / 10 : capability % 10;
  return kSuccess;
}

int cudaDriverGetVersion(int* version) {
  *version = kVersion;
  return kSuccess;
}

int cudaRuntimeGetVersion(int* version) {
  *version = kVersion;
  return kSuccess;
}

const char* cudaGetErrorString(int error) {
  return error == kSuccess ? "no error"
                           : "CUDA driver version is insufficient for CUDA runtime version";
}

int cudaDeviceSynchronize() { return kSuccess; }

// Called by LibTorch's profiler, which is not supported here.
int cudaGetDeviceProperties(void* /*properties*/, int /*device*/) { return kInvalidValue; }
int cudaGetDeviceProperties_v2(void* /*properties*/, int /*device*/) { return kInvalidValue; }
}
