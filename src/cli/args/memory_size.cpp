#include "cli/args/memory_size.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <string_view>

#include "cli/args/values.h"

namespace styletransfer::cli {

std::int64_t parse_memory_size(const std::string& flag, const std::string& text) {
  constexpr const char* kExamples = "give a size with its unit: 800M, 6G, 600MB or 1.5GiB";
  const std::size_t number_end = text.find_first_not_of("0123456789.");
  if (number_end == 0 || number_end == std::string::npos) refuse_value(flag, text, kExamples);
  std::string unit = text.substr(std::min(text.find_first_not_of(' ', number_end), text.size()));
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // GNU convention: M and MiB are powers of 1024, MB is a power of 1000.
  constexpr std::string_view kLetters = "kmgt";
  const std::size_t power = kLetters.find(unit.empty() ? '\0' : unit.front());
  const std::string rest = unit.empty() ? "" : unit.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib")) {
    refuse_value(flag, text, kExamples);
  }
  const double bytes =
      parse_double(flag, text.substr(0, number_end), 0.0, std::numeric_limits<double>::max()) *
      std::pow(rest == "b" ? 1000.0 : 1024.0, static_cast<double>(power) + 1.0);
  constexpr double kSmallest = 1e6;
  constexpr double kLargest = 1e6 * (1 << 30);
  if (bytes < kSmallest || bytes > kLargest) {
    refuse_value(flag, text, "out of range; give 1M to 1000000G");
  }
  return static_cast<std::int64_t>(bytes);
}

}  // namespace styletransfer::cli
