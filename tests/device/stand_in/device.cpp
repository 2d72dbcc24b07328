// Registers the stand-in with LibTorch: one GPU with one stream that executes everything
// immediately.
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include "device_memory.h"
#include "ledger.h"

namespace stand_in {
namespace {

struct Guard : c10::impl::DeviceGuardImplInterface {
  static c10::Device only() { return {c10::kCUDA, 0}; }
  static c10::Stream stream() { return c10::Stream(c10::Stream::DEFAULT, only()); }
  [[nodiscard]] c10::DeviceType type() const override { return c10::kCUDA; }
  [[nodiscard]] c10::Device exchangeDevice(c10::Device device) const override {
    setDevice(device);
    return only();
  }
  [[nodiscard]] c10::Device getDevice() const override { return only(); }
  void setDevice(c10::Device device) const override {
    TORCH_CHECK(device.index() <= 0, "CUDA error: invalid device ordinal");
  }
  void uncheckedSetDevice(c10::Device /*device*/) const noexcept override {}
  // noexcept is required by LibTorch 2.6.
  c10::Stream getStream(c10::Device /*device*/) const noexcept override { return stream(); }
  c10::Stream getDefaultStream(c10::Device /*device*/) const override { return stream(); }
  c10::Stream exchangeStream(c10::Stream /*stream*/) const noexcept override { return stream(); }
  [[nodiscard]] c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void** /*event*/, const c10::Stream& /*stream*/, c10::DeviceIndex /*device*/,
              c10::EventFlag /*flag*/) const override {}
  void block(void* /*event*/, const c10::Stream& /*stream*/) const override {}
  bool queryEvent(void* /*event*/) const override { return true; }
  bool queryStream(const c10::Stream& /*stream*/) const override { return true; }
  void synchronizeStream(const c10::Stream& /*stream*/) const override {
    count_wait("synchronizeStream");
  }
  void synchronizeDevice(c10::DeviceIndex /*device*/) const override {
    count_wait("synchronizeDevice");
  }
};

struct AllocatorSetup {
  AllocatorSetup() {
    c10::SetAllocator(c10::kCUDA, &device_allocator());
    watch_for_host_access();
  }
} allocator_setup;

}  // namespace
}  // namespace stand_in

namespace {

// The registry requires this class name.
struct CUDAHooks : at::CUDAHooksInterface {
  explicit CUDAHooks(at::CUDAHooksArgs /*arguments*/) {}
  void init() const override {}
  [[nodiscard]] bool hasCUDA() const override { return true; }
  // Not part of the interface in every version of LibTorch, hence no `override`.
  virtual bool isBuilt() const { return true; }
  virtual bool isAvailable() const { return true; }
  virtual bool hasPrimaryContext(c10::DeviceIndex /*device*/) const { return true; }
  [[nodiscard]] int getNumGPUs() const override { return 1; }
  virtual c10::DeviceIndex deviceCount() const { return 1; }
  virtual c10::DeviceIndex current_device() const { return 0; }
  virtual c10::DeviceIndex getCurrentDevice() const { return 0; }
  virtual c10::DeviceIndex exchangeDevice(c10::DeviceIndex /*device*/) const { return 0; }
  virtual c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex /*device*/) const { return 0; }
  virtual void setCurrentDevice(c10::DeviceIndex /*device*/) const {}
  void deviceSynchronize(c10::DeviceIndex /*device*/) const override {
    stand_in::count_wait("deviceSynchronize");
  }
  // The program calls the first one. LibTorch calls the second one before it uses cuDNN, which must
  // not happen: the stand-in implements these operations itself.
  virtual bool hasCuDNN() const { return true; }
  [[nodiscard]] bool compiledWithCuDNN() const override { return false; }
  [[nodiscard]] at::Allocator* getCUDADeviceAllocator() const override {
    return &stand_in::device_allocator();
  }
};

}  // namespace

namespace at {
C10_REGISTER_CLASS(CUDAHooksRegistry, CUDAHooks, ::CUDAHooks)
}
namespace c10::impl {
C10_REGISTER_GUARD_IMPL(CUDA, ::stand_in::Guard)
}
