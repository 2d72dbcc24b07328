#include "device/out_of_memory.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace styletransfer::detail {
namespace {

// Messages as in LibTorch's errors (ATen/cuda/Exceptions.h, ATen/cudnn/Exceptions.h).
TEST(OutOfMemory, IsRecognisedInTheWordsOfNvidiasLibraries) {
  for (const char* words : {
           "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
           "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
           "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
           "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
           "cusolver error: CUSOLVER_STATUS_ALLOC_FAILED, when calling `cusolverDnCreate(handle)`",
       }) {
    EXPECT_TRUE(is_out_of_memory(std::runtime_error(words))) << words;
  }
}

TEST(OutOfMemory, IsRecognisedOnTheCpu) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(is_out_of_memory(std::runtime_error(
      "[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: not enough memory: you tried to "
      "allocate 1 bytes.")));
  EXPECT_TRUE(is_out_of_memory(std::runtime_error("could not create a primitive")));
  EXPECT_TRUE(is_out_of_memory(std::system_error(ENOMEM, std::generic_category())));
}

TEST(OutOfMemory, IsNotWhatOtherErrorsSay) {
  for (const char* words : {
           "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
           "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED",
           "CUDA error: an illegal memory access was encountered",
           "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
           "could not create a primitive descriptor for a convolution",
           "Expected all tensors to be on the same device",
       }) {
    EXPECT_FALSE(is_out_of_memory(std::runtime_error(words))) << words;
  }
}

}  // namespace
}  // namespace styletransfer::detail
