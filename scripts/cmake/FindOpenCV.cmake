# Finds OpenCV's core and imgproc and makes the imported targets opencv_core and opencv_imgproc.
#
# OpenCV's own OpenCVConfig.cmake is used where it is. Debian and Ubuntu keep it in libopencv-dev, which
# brings some 200 packages along; with libopencv-core-dev and libopencv-imgproc-dev alone, headers and
# libraries are looked up one by one.

find_package(OpenCV ${OpenCV_FIND_VERSION} CONFIG QUIET COMPONENTS ${OpenCV_FIND_COMPONENTS})
include(FindPackageHandleStandardArgs)
if(OpenCV_FOUND)
  find_package_handle_standard_args(OpenCV CONFIG_MODE)
  return()
endif()

find_path(OPENCV_INCLUDE opencv2/core/version.hpp PATH_SUFFIXES opencv4)
# Debian keeps the one header that depends on the machine apart.
find_path(OPENCV_MACHINE_INCLUDE opencv2/opencv_modules.hpp
  PATH_SUFFIXES opencv4 ${CMAKE_LIBRARY_ARCHITECTURE}/opencv4)
mark_as_advanced(OPENCV_INCLUDE OPENCV_MACHINE_INCLUDE)

set(OpenCV_VERSION "")
if(OPENCV_INCLUDE)
  file(STRINGS ${OPENCV_INCLUDE}/opencv2/core/version.hpp lines
       REGEX "^#define CV_VERSION_(MAJOR|MINOR|REVISION) ")
  string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
  list(JOIN numbers "." OpenCV_VERSION)
endif()

foreach(component IN LISTS OpenCV_FIND_COMPONENTS)
  find_library(OPENCV_${component}_LIBRARY opencv_${component})
  mark_as_advanced(OPENCV_${component}_LIBRARY)
  if(OPENCV_${component}_LIBRARY AND OPENCV_INCLUDE)
    set(OpenCV_${component}_FOUND TRUE)
    if(NOT TARGET opencv_${component})
      add_library(opencv_${component} UNKNOWN IMPORTED)
      set_target_properties(opencv_${component} PROPERTIES
        IMPORTED_LOCATION ${OPENCV_${component}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES "${OPENCV_INCLUDE};${OPENCV_MACHINE_INCLUDE}")
    endif()
  endif()
endforeach()

find_package_handle_standard_args(OpenCV
  REQUIRED_VARS OPENCV_INCLUDE OPENCV_MACHINE_INCLUDE VERSION_VAR OpenCV_VERSION HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "Install libopencv-core-dev and libopencv-imgproc-dev (Debian, Ubuntu), or give \
-DOpenCV_DIR=FOLDER with OpenCVConfig.cmake")
