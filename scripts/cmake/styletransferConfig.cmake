# find_package(styletransfer): target styletransfer::styletransfer, the library with its headers and with what
# it is linked to. LIBTORCH_ROOT names the folder of LibTorch where it is not found by itself.
include(CMakeFindDependencyMacro)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_dependency(LibTorch 2.6)
find_dependency(OpenMP COMPONENTS CXX)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(nlohmann_json)
find_dependency(PkgConfig)
include(ImageCodecs)
pkg_check_modules(NetworkFiles REQUIRED IMPORTED_TARGET libzip libdeflate libseccomp)
list(REMOVE_ITEM CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})

include(${CMAKE_CURRENT_LIST_DIR}/styletransferTargets.cmake)
if(NOT TARGET styletransfer::styletransfer)
  add_library(styletransfer::styletransfer ALIAS styletransfer::styletransfer_training)
endif()
