#include "styletransfer/bounds.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "styletransfer/error.h"

namespace styletransfer {

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

namespace detail {
namespace {

/// 100000, not 1e+05.
std::string bound_text(double value) {
  constexpr double kMaxWhole = 1e15;
  const bool is_whole = std::abs(value) < kMaxWhole && value == std::trunc(value);
  return is_whole ? std::to_string(static_cast<std::int64_t>(value)) : number_text(value);
}

}  // namespace

std::string bounds_text(double min, double max, bool has_max, double multiple_of,
                        const std::string& unit) {
  std::string text =
      has_max ? bound_text(min) + " to " + bound_text(max) : bound_text(min) + " or more";
  if (!unit.empty()) text += " " + unit;
  if (multiple_of > 1.0) text += ", a multiple of " + bound_text(multiple_of);
  return text;
}

void refuse_bound(const std::string& field, double value, const std::string& bound) {
  throw OptionError(field, bound_text(value), bound);
}

}  // namespace detail
}  // namespace styletransfer
