# Stops the configuration with an explanation when LibTorch, OpenCV and the compiler use different
# std::string ABIs. Otherwise linking fails with pages of undefined references.

set(STRING_ABI_TORCH_CODE [[
#include <c10/core/Device.h>
#include <string>
int main(int argc, char** argv) { return c10::Device(std::string(argv[argc - 1])).is_cuda(); }
]])
set(STRING_ABI_OPENCV_CODE [[
#include <opencv2/core/utility.hpp>
#include <string>
int main() { return cv::getBuildInformation() == std::string("none"); }
]])

function(string_abi_links result name code libraries definition)
  file(WRITE ${CMAKE_BINARY_DIR}/string_abi/${name}.cpp "${code}")
  try_compile(links ${CMAKE_BINARY_DIR}/string_abi/${name} ${CMAKE_BINARY_DIR}/string_abi/${name}.cpp
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
    COMPILE_DEFINITIONS ${definition} LINK_LIBRARIES ${libraries} OUTPUT_VARIABLE output)
  file(WRITE ${CMAKE_BINARY_DIR}/string_abi/${name}.log "${output}")
  set(${result} ${links} PARENT_SCOPE)
endfunction()

# Checked once per choice of LibTorch: it costs a few seconds.
function(check_string_abi)
  if(STRING_ABI_CHECKED STREQUAL "${LIBTORCH_CPU} ${LibTorch_VERSION}")
    return()
  endif()
  string_abi_links(torch_links torch "${STRING_ABI_TORCH_CODE}" LibTorch::LibTorch "")
  if(NOT torch_links)
    string_abi_links(old_links torch_old "${STRING_ABI_TORCH_CODE}" LibTorch::LibTorch
                     -D_GLIBCXX_USE_CXX11_ABI=0)
    if(old_links)
      message(FATAL_ERROR
        "LibTorch in ${LIBTORCH_ROOT_FOUND} is built with the old C++ string ABI "
        "(_GLIBCXX_USE_CXX11_ABI=0), OpenCV and this compiler use the new one. Take the archive whose "
        "name holds `cxx11-abi-shared-with-deps` (2.8 and newer: any archive), a PyPI wheel from 2.7 "
        "on, or run scripts/fetch_libtorch.")
    endif()
    message(FATAL_ERROR
      "A three-line program does not compile and link with LibTorch ${LibTorch_VERSION} in "
      "${LIBTORCH_ROOT_FOUND}. The compiler's words: ${CMAKE_BINARY_DIR}/string_abi/torch.log. "
      "A LibTorch built for a newer glibc or compiler is the usual cause; scripts/fetch_libtorch takes "
      "one that needs glibc 2.28.")
  endif()
  string_abi_links(opencv_links opencv "${STRING_ABI_OPENCV_CODE}" opencv_core "")
  if(NOT opencv_links)
    message(FATAL_ERROR
      "A three-line program does not compile and link with OpenCV ${OpenCV_VERSION}. The compiler's "
      "words: ${CMAKE_BINARY_DIR}/string_abi/opencv.log. An OpenCV built with another C++ string ABI "
      "(_GLIBCXX_USE_CXX11_ABI) is the usual cause: take the distribution's libopencv-core-dev.")
  endif()
  set(STRING_ABI_CHECKED "${LIBTORCH_CPU} ${LibTorch_VERSION}" CACHE INTERNAL "")
endfunction()
