#include "image/codecs/tiff/tiff_memory.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

namespace styletransfer {
namespace {

// libtiff has one error handler for all files; the last message is stored per thread.
thread_local std::string last_error;

void store_error(thandle_t /*file*/, const char* /*module*/, const char* format,
                 va_list arguments) {
  // Some warnings are reported as errors and would hide the error that matters.
  if (std::string_view(format).starts_with("Warning")) return;
  char text[256];
  std::vsnprintf(text, sizeof(text), format, arguments);
  if (last_error.empty()) last_error = text;
}

TiffMemory& file_of(thandle_t handle) { return *static_cast<TiffMemory*>(handle); }

tmsize_t read_bytes(thandle_t handle, void* target, tmsize_t count) {
  TiffMemory& file = file_of(handle);
  if (file.position >= file.bytes.size() || count <= 0) return 0;
  const auto n = std::min<std::uint64_t>(count, file.bytes.size() - file.position);
  std::memcpy(target, file.bytes.data() + file.position, n);
  file.position += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int origin) {
  TiffMemory& file = file_of(handle);
  const std::uint64_t base = origin == SEEK_CUR   ? file.position
                             : origin == SEEK_END ? file.bytes.size()
                                                  : 0;
  return file.position = base + offset;
}

int close_nothing(thandle_t) { return 0; }
toff_t file_size(thandle_t handle) { return file_of(handle).bytes.size(); }

int map_bytes(thandle_t handle, void** base, toff_t* size) {
  const ByteView bytes = file_of(handle).bytes;
  *base = const_cast<std::uint8_t*>(bytes.data());
  *size = bytes.size();
  return 1;
}

void unmap_nothing(thandle_t, void*, toff_t) {}

}  // namespace

TiffHandle open_tiff_in_memory(TiffMemory& memory) {
  capture_tiff_errors();
  take_tiff_error();
  return TiffHandle(TIFFClientOpen("", "r", &memory, read_bytes, write_nothing, seek, close_nothing,
                                   file_size, map_bytes, unmap_nothing));
}

std::string take_tiff_error() { return std::exchange(last_error, {}); }

void capture_tiff_errors() {
  TIFFSetErrorHandler(nullptr);
  TIFFSetErrorHandlerExt(store_error);
  TIFFSetWarningHandler(nullptr);
}

}  // namespace styletransfer
