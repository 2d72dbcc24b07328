// Bounds of numeric options. Each stands once, beside its field; the library's checks, the command
// line and the documentation read it from there.
#pragma once

#include <limits>
#include <string>

namespace styletransfer {

/// "100000", "0.05", "1e-06": the shortest usual way to write a number.
[[nodiscard]] std::string number_text(double value);

/// A closed range of numbers.
template <typename Number>
struct Bounds {
  Number min;
  /// The type's largest value: no upper bound.
  Number max = std::numeric_limits<Number>::max();
  /// What is counted, "pixels"; empty for a pure number.
  const char* unit = "";
  /// Every value must be a multiple of this.
  Number multiple_of = Number{0};

  [[nodiscard]] constexpr bool has_max() const { return max != std::numeric_limits<Number>::max(); }
  /// False for NaN and infinity as well.
  [[nodiscard]] constexpr bool contain(Number value) const {
    const bool is_whole =
        multiple_of == Number{0} ||
        static_cast<Number>(static_cast<long long>(value / multiple_of)) * multiple_of == value;
    return value >= min && value <= max && is_whole;
  }
};

namespace detail {
[[nodiscard]] std::string bounds_text(double min, double max, bool has_max, double multiple_of,
                                      const std::string& unit);
[[noreturn]] void refuse_bound(const std::string& field, double value, const std::string& bound);
}  // namespace detail

/// "1 to 200 pairs", "0 or more", "32 to 2048 pixels, a multiple of 4".
template <typename Number>
[[nodiscard]] std::string text_of(const Bounds<Number>& bounds) {
  return detail::bounds_text(static_cast<double>(bounds.min), static_cast<double>(bounds.max),
                             bounds.has_max(), static_cast<double>(bounds.multiple_of),
                             bounds.unit);
}

/// "must be from 1 to 200 pairs", "must be 0 or more".
template <typename Number>
[[nodiscard]] std::string must_be(const Bounds<Number>& bounds) {
  return (bounds.has_max() ? "must be from " : "must be ") + text_of(bounds);
}

/// Throws OptionError unless the bounds contain the value. `field`: the option's field name,
/// "learning_rate".
template <typename Number>
void require_within(const std::string& field, Number value, const Bounds<Number>& bounds) {
  if (!bounds.contain(value)) {
    detail::refuse_bound(field, static_cast<double>(value), must_be(bounds));
  }
}

}  // namespace styletransfer
