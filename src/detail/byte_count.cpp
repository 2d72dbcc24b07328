#include "detail/byte_count.h"

#include <cstdio>

namespace styletransfer::detail {

std::string memory_in_words(std::int64_t bytes) {
  char text[32];
  const double megabytes = static_cast<double>(bytes) / 1e6;
  if (megabytes < 1000.0) {
    std::snprintf(text, sizeof(text), "%.0f MB", megabytes);
  } else {
    std::snprintf(text, sizeof(text), "%.1f GB", megabytes / 1000.0);
  }
  return text;
}

}  // namespace styletransfer::detail
