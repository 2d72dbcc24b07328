// CUDA runtime functions that the program calls after libtorch_cuda is opened.
#include <cstddef>

#include "device_memory.h"

extern "C" {

int cudaSetDevice(int device) {
  constexpr int kInvalidDevice = 101;
  return device == 0 ? 0 : kInvalidDevice;
}

/// As on a GPU, memory cached by LibTorch's allocator does not count as free.
int cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const stand_in::MemoryUse use = stand_in::memory_use();
  *total = use.total;
  *free = use.total - use.reserved;
  return 0;
}
}
