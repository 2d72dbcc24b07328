# The libraries that read and write image files, as the target ImageCodecs; for the program and for the
# fuzz target. Debian's package of each: scripts/lib/packages.sh.
find_package(OpenCV 4.5 REQUIRED COMPONENTS core imgproc)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(GIF REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MoreImageCodecs REQUIRED IMPORTED_TARGET
  exiv2 lcms2 libheif libwebp libwebpdemux libwebpmux)

add_library(ImageCodecs INTERFACE IMPORTED)
target_link_libraries(ImageCodecs INTERFACE
  opencv_core opencv_imgproc JPEG::JPEG PNG::PNG TIFF::TIFF GIF::GIF PkgConfig::MoreImageCodecs)
