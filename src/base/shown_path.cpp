#include "base/shown_path.h"

#include <algorithm>

namespace styletransfer {

std::string shown_path(const std::string& path) {
  std::string shown = path.empty() ? "''" : path;
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 32 || c == 127; }, '?');
  return shown;
}

}  // namespace styletransfer
