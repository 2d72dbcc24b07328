#include "base/system/byte_count.h"

#include <algorithm>
#include <cstdio>

namespace styletransfer::detail {

std::string memory_text(std::int64_t bytes) {
  char text[32];
  const double amount = static_cast<double>(std::max<std::int64_t>(bytes, 0));
  // Each limit is where rounding would reach 1 of the next unit.
  if (amount < 1e3) {
    std::snprintf(text, sizeof(text), "%.0f bytes", amount);
  } else if (amount < 999.5e3) {
    std::snprintf(text, sizeof(text), "%.0f KB", amount / 1e3);
  } else if (amount < 1e9) {
    std::snprintf(text, sizeof(text), "%.0f MB", amount / 1e6);
  } else {
    std::snprintf(text, sizeof(text), "%.1f GB", amount / 1e9);
  }
  return text;
}

}  // namespace styletransfer::detail
