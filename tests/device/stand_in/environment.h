// Settings of the stand-in, read from environment variables.
#pragma once

#include <cstdlib>

namespace stand_in {

/// The number in an environment variable, or `otherwise` if it is not set.
[[nodiscard]] inline unsigned long long number_from_environment(const char* name,
                                                                unsigned long long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace stand_in
