# The library that records an evaluation as a CUDA graph. It is built where CUDA's headers are found and
# go with LibTorch's, and opened at run time where the device is CUDA. Nothing is linked with it: what it
# uses of LibTorch's GPU part is in the process by then.
#
# CUDA's headers are looked for in CUDA_HOME, CUDA_PATH, beside nvcc, in /usr/local/cuda and the system's
# folders; -DCUDA_INCLUDE_DIR=FOLDER names another place.

# Whether LibTorch's header compiles with CUDA's. Checked once per choice of both: it takes seconds.
function(check_cuda_headers)
  set(choice "${LIBTORCH_CPU} ${LibTorch_VERSION} ${CUDA_INCLUDE_DIR}")
  if(CUDA_HEADERS_CHECKED STREQUAL choice)
    return()
  endif()
  set(folder ${CMAKE_BINARY_DIR}/cuda_headers)
  file(WRITE ${folder}/probe.cpp "#include <ATen/cuda/CUDAGraph.h>\n")
  get_target_property(torch_includes LibTorch::LibTorch INTERFACE_INCLUDE_DIRECTORIES)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  try_compile(compile ${folder}/probe ${folder}/probe.cpp
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${torch_includes};${CUDA_INCLUDE_DIR}"
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON OUTPUT_VARIABLE output)
  file(WRITE ${folder}/probe.log "${output}")
  set(CUDA_HEADERS_COMPILE ${compile} CACHE INTERNAL "")
  set(CUDA_HEADERS_CHECKED "${choice}" CACHE INTERNAL "")
endfunction()

# add_cuda_graph_library(TARGET SOURCES...): does nothing, and says so, where it cannot be built.
function(add_cuda_graph_library target)
  find_program(CUDA_NVCC nvcc PATHS /usr/local/cuda/bin)
  set(toolkit "")
  if(CUDA_NVCC)
    file(REAL_PATH ${CUDA_NVCC} toolkit)
    cmake_path(GET toolkit PARENT_PATH toolkit)
    cmake_path(GET toolkit PARENT_PATH toolkit)
  endif()
  find_path(CUDA_INCLUDE_DIR cuda_runtime_api.h
    HINTS ENV CUDA_HOME ENV CUDA_PATH ${toolkit} /usr/local/cuda PATH_SUFFIXES include)
  mark_as_advanced(CUDA_NVCC CUDA_INCLUDE_DIR)
  if(NOT CUDA_INCLUDE_DIR)
    message(STATUS "CUDA graphs: not built, there are no headers of CUDA (cuda_runtime_api.h)")
    return()
  endif()
  check_cuda_headers()
  if(NOT CUDA_HEADERS_COMPILE)
    message(STATUS "CUDA graphs: not built, LibTorch's headers do not compile with those in "
                   "${CUDA_INCLUDE_DIR} (${CMAKE_BINARY_DIR}/cuda_headers/probe.log)")
    return()
  endif()
  message(STATUS "CUDA graphs: built with the headers in ${CUDA_INCLUDE_DIR}")
  add_library(${target} MODULE ${ARGN})
  get_target_property(torch_includes LibTorch::LibTorch INTERFACE_INCLUDE_DIRECTORIES)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_include_directories(${target} SYSTEM PRIVATE ${torch_includes} ${CUDA_INCLUDE_DIR})
  target_link_libraries(${target} PRIVATE styletransfer_flags)
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
