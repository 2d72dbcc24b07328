#include "cli/args/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace styletransfer::cli {
namespace {

/// The library checks the ranges of a pass (make_schedule); here only the limits of the type.
constexpr int kAnyInt = std::numeric_limits<int>::max();
constexpr double kAnyDouble = std::numeric_limits<double>::max();

std::string range_text(const std::string& min, const std::string& max, bool open_ended,
                       const std::string& unit) {
  const std::string suffix = unit.empty() ? "" : " " + unit;
  return (open_ended ? min + " or more" : min + " to " + max) + suffix;
}

/// A bound in a message: 100000, not 1e+05.
std::string bound_text(double value) {
  constexpr double kMaxWhole = 1e15;
  const bool is_whole = std::abs(value) < kMaxWhole && value == std::trunc(value);
  return is_whole ? std::to_string(static_cast<std::int64_t>(value)) : number_text(value);
}

/// "--size 5" for a flag, "--pass size=5" for a key.
std::string assignment(const std::string& flag, const std::string& text) {
  return flag + (flag.ends_with('=') ? "" : " ") + (text.empty() ? "''" : text);
}

}  // namespace

void refuse_value(const std::string& flag, const std::string& text, const std::string& problem) {
  throw UsageError(assignment(flag, text) + ": " + problem);
}

int parse_int(const std::string& flag, const std::string& text, int min, int max,
              const std::string& unit) {
  const std::string range =
      range_text(std::to_string(min), std::to_string(max), max == kAnyInt, unit);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || problem == std::errc::invalid_argument) {
    refuse_value(flag, text, "not a whole number; give " + range);
  }
  if (problem != std::errc() || value < min || value > max) {
    refuse_value(flag, text, "out of range; give " + range);
  }
  return static_cast<int>(value);
}

namespace {

/// Parses a long side in pixels. The library checks the rest of the range, which depends on the
/// iterations. `bound`: the text of a refusal.
int parse_long_side(const std::string& flag, const std::string& text, const std::string& bound) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || problem == std::errc::invalid_argument) {
    refuse_value(flag, text, "not a whole number; " + bound);
  }
  if (problem != std::errc() || value < 1) refuse_value(flag, text, bound);
  return value;
}

}  // namespace

int parse_size(const std::string& flag, const std::string& text) {
  if (text == "content") return 0;
  return parse_long_side(flag, text, size_bound_text() + ", or content");
}

double parse_double(const std::string& flag, const std::string& text, double min, double max,
                    const std::string& unit) {
  const std::string range =
      range_text(bound_text(min) + unit, bound_text(max) + unit, max == kAnyDouble, "");
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || problem == std::errc::invalid_argument) {
    refuse_value(flag, text + unit, "not a number; give " + range);
  }
  if (problem != std::errc() || !std::isfinite(value) || value < min || value > max) {
    refuse_value(flag, text + unit, "out of range; give " + range);
  }
  return value;
}

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}

std::vector<std::string> split_list(const std::string& flag, const std::string& text) {
  std::vector<std::string> parts = parts_of(text, ',');
  if (std::find(parts.begin(), parts.end(), "") != parts.end()) {
    refuse_value(flag, text, "has an empty entry; separate the entries with single commas");
  }
  return parts;
}

PassOverrides parse_pass(const std::string& flag, const std::string& text) {
  static const std::vector<std::string> kKeys{"size", "iterations", "content-weight",
                                              "style-weight", "tv-weight"};
  PassOverrides pass;
  for (const std::string& part : split_list(flag, text)) {
    const std::size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (equals == std::string::npos) {
      refuse_value(flag, text, "'" + part + "' is not key=value, such as size=256,iterations=70");
    }
    const std::string value = part.substr(equals + 1);
    const std::string where = std::string(flag).append(" ").append(key).append("=");
    const auto set_once = [&](auto& field, auto parsed) {
      if (field) refuse_value(flag, text, "'" + key + "' is given twice; leave one out");
      field = parsed;
    };
    if (key == kKeys[0]) {
      set_once(pass.size_px, parse_long_side(where, value, size_bound_text()));
    } else if (key == kKeys[1]) {
      set_once(pass.iterations, parse_int(where, value, 0, kMaxIterations, "iterations"));
    } else if (key == kKeys[2]) {
      set_once(pass.content_weight, parse_double(where, value, 0.0, kAnyDouble));
    } else if (key == kKeys[3]) {
      set_once(pass.style_weight, parse_double(where, value, 0.0, kAnyDouble));
    } else if (key == kKeys[4]) {
      set_once(pass.tv_weight, parse_double(where, value, 0.0, kAnyDouble));
    } else {
      refuse_value(flag, text,
                   "unknown key '" + key + "'; choose " + either_of(kKeys) +
                       detail::did_you_mean(key, kKeys));
    }
  }
  return pass;
}

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string either_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace styletransfer::cli
