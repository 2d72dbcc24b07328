# Finds LibTorch and makes the imported target LibTorch::LibTorch.
#
# Accepts the unpacked PyPI wheel (its folder `torch`), a LibTorch archive, a Python installation's
# torch, or a distribution's package. Searched in this order:
#   LIBTORCH_ROOT                             cache variable or environment; the folder with include/
#   ${XDG_CACHE_HOME:-~/.cache}/styletransfer  what scripts/fetch_libtorch unpacked
#   python3's torch, then /opt/libtorch, /usr/local, /usr
#
# LibTorch's own TorchConfig.cmake is not used: the CUDA build's asks for a whole CUDA toolkit. Only
# libtorch_cpu and libc10 are linked; the program opens libtorch_cuda at run time where it is there.
# Sets LibTorch_FOUND, LibTorch_VERSION, LIBTORCH_ROOT_FOUND, LIBTORCH_CPU, LIBTORCH_C10.

set(LIBTORCH_ROOT "" CACHE PATH "Folder of LibTorch: holds include/ and lib/")

# Sets `result` to the candidate folders, best first.
function(libtorch_candidates result)
  if(LIBTORCH_ROOT)
    set(${result} ${LIBTORCH_ROOT} PARENT_SCOPE)
    return()
  endif()
  if(DEFINED ENV{LIBTORCH_ROOT} AND NOT "$ENV{LIBTORCH_ROOT}" STREQUAL "")
    set(${result} $ENV{LIBTORCH_ROOT} PARENT_SCOPE)
    return()
  endif()
  set(cache $ENV{XDG_CACHE_HOME})
  if(NOT cache)
    set(cache $ENV{HOME}/.cache)
  endif()
  file(GLOB fetched ${cache}/styletransfer/libtorch-[0-9]*/torch)
  list(SORT fetched COMPARE NATURAL ORDER DESCENDING)
  set(python_torch "")
  find_program(LIBTORCH_PYTHON python3)
  mark_as_advanced(LIBTORCH_PYTHON)
  if(LIBTORCH_PYTHON)
    # find_spec does not import torch: that would need all of its Python dependencies.
    execute_process(
      COMMAND ${LIBTORCH_PYTHON} -c
              "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
      OUTPUT_VARIABLE python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${result} ${fetched} ${python_torch} /opt/libtorch /usr/local /usr PARENT_SCOPE)
endfunction()

# The library called lib<name> below `root`, or an empty string.
function(libtorch_library result root name)
  set(suffixes lib lib64)
  if(CMAKE_LIBRARY_ARCHITECTURE)
    list(APPEND suffixes lib/${CMAKE_LIBRARY_ARCHITECTURE})
  endif()
  find_library(found ${name} PATHS ${root} PATH_SUFFIXES ${suffixes} NO_DEFAULT_PATH NO_CACHE)
  if(found)
    set(${result} ${found} PARENT_SCOPE)
  else()
    set(${result} "" PARENT_SCOPE)
  endif()
endfunction()

# "2.15.0" from torch/version.h, which moved in 2.9.
function(libtorch_version result root)
  foreach(header include/torch/headeronly/version.h include/torch/csrc/api/include/torch/version.h)
    if(EXISTS ${root}/${header})
      file(STRINGS ${root}/${header} line REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX MATCHALL "[0-9]+" numbers "${line}")
      list(LENGTH numbers count)
      if(count EQUAL 3)
        list(JOIN numbers "." version)
        set(${result} ${version} PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
  set(${result} "" PARENT_SCOPE)
endfunction()

# The machine an ELF library is for, in uname's words; empty where this is not ELF.
function(libtorch_machine result library)
  file(READ ${library} magic LIMIT 4 HEX)
  file(READ ${library} machine OFFSET 18 LIMIT 2 HEX)
  set(${result} "" PARENT_SCOPE)
  if(magic STREQUAL "7f454c46")
    if(machine STREQUAL "3e00")
      set(${result} x86_64 PARENT_SCOPE)
    elseif(machine STREQUAL "b700")
      set(${result} aarch64 PARENT_SCOPE)
    else()
      set(${result} "unknown (ELF ${machine})" PARENT_SCOPE)
    endif()
  endif()
endfunction()

# Reason why the LibTorch in `root` cannot be used; empty when it can.
function(libtorch_refusal result root)
  set(remedy "Run scripts/fetch_libtorch, or give -DLIBTORCH_ROOT=FOLDER")
  libtorch_library(cpu ${root} torch_cpu)
  libtorch_library(c10 ${root} c10)
  libtorch_version(version ${root})
  if(NOT cpu OR NOT c10 OR NOT version)
    set(${result} "no LibTorch in ${root} (include/torch, libtorch_cpu and libc10 are looked for). \
${remedy}" PARENT_SCOPE)
    return()
  endif()
  if(LibTorch_FIND_VERSION AND version VERSION_LESS LibTorch_FIND_VERSION)
    set(${result} "LibTorch in ${root} is ${version}, but ${LibTorch_FIND_VERSION} or newer is needed. \
${remedy}" PARENT_SCOPE)
    return()
  endif()
  libtorch_machine(machine ${cpu})
  if(machine AND CMAKE_SYSTEM_PROCESSOR AND NOT machine STREQUAL CMAKE_SYSTEM_PROCESSOR)
    set(${result} "LibTorch in ${root} is built for ${machine}, this machine is \
${CMAKE_SYSTEM_PROCESSOR}. ${remedy}" PARENT_SCOPE)
    return()
  endif()
  set(${result} "" PARENT_SCOPE)
endfunction()

# The folder to compile against. LibTorch's include/ also holds copies of other libraries, {fmt} among
# them, that would hide the system's (which spdlog is built with): only its own headers are linked in.
function(libtorch_include_folder result root)
  if(root STREQUAL "/usr" OR root STREQUAL "/usr/local")
    set(${result} ${root}/include PARENT_SCOPE)
    return()
  endif()
  set(folder ${CMAKE_BINARY_DIR}/libtorch_include)
  file(REMOVE_RECURSE ${folder})
  file(MAKE_DIRECTORY ${folder})
  foreach(part ATen c10 caffe2 torch)
    file(CREATE_LINK ${root}/include/${part} ${folder}/${part} SYMBOLIC)
  endforeach()
  set(${result} ${folder} PARENT_SCOPE)
endfunction()

libtorch_candidates(LIBTORCH_CANDIDATES)
set(LIBTORCH_REFUSALS "")
set(LIBTORCH_ROOT_FOUND "")
foreach(candidate IN LISTS LIBTORCH_CANDIDATES)
  libtorch_refusal(refusal ${candidate})
  if(NOT refusal)
    set(LIBTORCH_ROOT_FOUND ${candidate})
    break()
  endif()
  string(APPEND LIBTORCH_REFUSALS "\n  * ${refusal}")
endforeach()

if(LIBTORCH_ROOT_FOUND)
  libtorch_library(LIBTORCH_CPU ${LIBTORCH_ROOT_FOUND} torch_cpu)
  libtorch_library(LIBTORCH_C10 ${LIBTORCH_ROOT_FOUND} c10)
  libtorch_version(LibTorch_VERSION ${LIBTORCH_ROOT_FOUND})
  if(NOT TARGET LibTorch::LibTorch)
    # CUDA builds of libtorch_cpu need libcudart and libcupti: beside it in an archive, in sibling
    # packages of the wheel (nvidia/cu13/lib, or nvidia/cuda_runtime/lib in older ones).
    file(GLOB nvidia_folders ${LIBTORCH_ROOT_FOUND}/../nvidia/*/lib)
    cmake_path(GET LIBTORCH_CPU PARENT_PATH library_folder)
    list(TRANSFORM nvidia_folders PREPEND "-Wl,-rpath-link,")
    libtorch_include_folder(include_folder ${LIBTORCH_ROOT_FOUND})
    add_library(LibTorch::LibTorch INTERFACE IMPORTED)
    set_target_properties(LibTorch::LibTorch PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES
        "${include_folder};${include_folder}/torch/csrc/api/include"
      INTERFACE_LINK_LIBRARIES "${LIBTORCH_CPU};${LIBTORCH_C10}"
      INTERFACE_LINK_OPTIONS "-Wl,-rpath-link,${library_folder};${nvidia_folders}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LIBTORCH_CPU LIBTORCH_C10 LIBTORCH_ROOT_FOUND
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "No usable LibTorch:${LIBTORCH_REFUSALS}")
