#include "cli/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace styletransfer::cli {
namespace {

/// The library checks the ranges of a pass (make_schedule); here only what fits the type.
constexpr int kAnyInt = std::numeric_limits<int>::max();
constexpr double kAnyDouble = std::numeric_limits<double>::max();

std::string range_text(const std::string& least, const std::string& most, bool open_ended,
                       const std::string& unit) {
  const std::string suffix = unit.empty() ? "" : " " + unit;
  return open_ended ? least + suffix + " or more" : least + " to " + most + suffix;
}

}  // namespace

void refuse_value(const std::string& flag, const std::string& text, const std::string& trouble) {
  throw UsageError(flag + " " + (text.empty() ? "''" : text) + ": " + trouble);
}

int parse_int(const std::string& flag, const std::string& text, int least, int most,
              const std::string& unit) {
  const std::string range =
      range_text(std::to_string(least), std::to_string(most), most == kAnyInt, unit);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, trouble] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || trouble == std::errc::invalid_argument) {
    refuse_value(flag, text, "not a whole number; give " + range);
  }
  if (trouble != std::errc() || value < least || value > most) {
    refuse_value(flag, text, "out of range; give " + range);
  }
  return static_cast<int>(value);
}

int parse_size(const std::string& flag, const std::string& text) {
  if (text == "content") return 0;
  return parse_int(flag, text, 1, kAnyInt, "pixels (or content)");
}

double parse_double(const std::string& flag, const std::string& text, double least, double most) {
  const std::string range =
      range_text(number_text(least), number_text(most), most == kAnyDouble, "");
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [stop, trouble] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || trouble == std::errc::invalid_argument) {
    refuse_value(flag, text, "not a number; give " + range);
  }
  if (trouble != std::errc() || !std::isfinite(value) || value < least || value > most) {
    refuse_value(flag, text, "out of range; give " + range);
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
      set_once(pass.size_px, parse_int(where, value, 1, kAnyInt, "pixels"));
    } else if (key == kKeys[1]) {
      set_once(pass.iterations, parse_int(where, value, 0, kAnyInt, "steps"));
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
