#include "cli/args/values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "cli/terminal/option_names.h"
#include "styletransfer/schedule.h"

namespace styletransfer::cli {
namespace {

/// "--size 5" for an option, "--pass size=5" for a key.
std::string assignment(const std::string& where, const std::string& text) {
  return where + (where.ends_with('=') ? "" : " ") + (text.empty() ? "''" : text);
}

/// "pass" for "--pass size=" and for "run.toml:3: pass size=".
std::string field_at(const std::string& where) {
  const std::size_t place = where.find(": ");
  const std::size_t start = where.starts_with("--") || place == std::string::npos ? 0 : place + 2;
  return field_of(where.substr(start, where.find(' ', start) - start));
}

/// Reads a number into `value`: no error, out of the type's range, or (invalid_argument) none.
template <typename Number>
std::errc read_number(const std::string& text, Number& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return stop == end ? problem : std::errc::invalid_argument;
}

/// `bound`: what the sizes must be.
int parse_long_side(const std::string& where, const std::string& text, const std::string& bound) {
  int value = 0;
  const std::errc problem = read_number(text, value);
  if (problem == std::errc::invalid_argument) {
    refuse_value(where, text, "not a whole number; " + bound);
  }
  if (problem != std::errc() || value < 1) refuse_value(where, text, bound);
  return value;
}

std::string size_bound() { return "must be from " + text_of(Pass::kSize); }

}  // namespace

void refuse_value(const std::string& where, const std::string& text, const std::string& problem) {
  throw OptionError({field_at(where)}, assignment(where, text) + ": " + problem);
}

int parse_number(const std::string& where, const std::string& text, const Bounds<int>& bounds) {
  int value = 0;
  const std::errc problem = read_number(text, value);
  if (problem == std::errc::invalid_argument) {
    refuse_value(where, text, "not a whole number; give " + text_of(bounds));
  }
  if (problem != std::errc() || !bounds.contain(value)) {
    refuse_value(where, text, "out of range; give " + text_of(bounds));
  }
  return value;
}

double parse_number(const std::string& where, const std::string& text,
                    const Bounds<double>& bounds) {
  std::string range = text_of(Bounds<double>{bounds.min, bounds.max});
  range.insert(range.find(' '), bounds.unit);
  if (bounds.has_max()) range += bounds.unit;
  double value = 0.0;
  const std::errc problem = read_number(text, value);
  if (problem == std::errc::invalid_argument) {
    refuse_value(where, text + bounds.unit, "not a number; give " + range);
  }
  if (problem != std::errc() || !bounds.contain(value)) {
    refuse_value(where, text + bounds.unit, "out of range; give " + range);
  }
  return value;
}

int parse_size(const std::string& where, const std::string& text) {
  return text == "content" ? 0 : parse_long_side(where, text, size_bound() + ", or content");
}

int parse_pass_size(const std::string& where, const std::string& text) {
  return parse_long_side(where, text, size_bound());
}

std::int64_t parse_memory_size(const std::string& where, const std::string& text) {
  constexpr const char* kExamples = "give a size with its unit: 800M, 6G, 600MB or 1.5GiB";
  const std::size_t number_end = text.find_first_not_of("0123456789.");
  if (number_end == 0 || number_end == std::string::npos) refuse_value(where, text, kExamples);
  std::string unit = text.substr(std::min(text.find_first_not_of(' ', number_end), text.size()));
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // GNU convention: M and MiB are powers of 1024, MB is a power of 1000.
  constexpr std::string_view kLetters = "kmgt";
  const std::size_t power = kLetters.find(unit.empty() ? '\0' : unit.front());
  const std::string rest = unit.empty() ? "" : unit.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib")) {
    refuse_value(where, text, kExamples);
  }
  const double bytes = parse_number(where, text.substr(0, number_end), Bounds<double>{0.0}) *
                       std::pow(rest == "b" ? 1000.0 : 1024.0, static_cast<double>(power) + 1.0);
  constexpr double kSmallest = 1e6;
  constexpr double kLargest = 1e6 * (1 << 30);
  if (bytes < kSmallest || bytes > kLargest) {
    refuse_value(where, text, "out of range; give 1M to 1000000G");
  }
  return static_cast<std::int64_t>(bytes);
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

std::vector<std::string> split_list(const std::string& where, const std::string& text) {
  std::vector<std::string> parts = parts_of(text, ',');
  if (std::find(parts.begin(), parts.end(), "") != parts.end()) {
    refuse_value(where, text, "has an empty entry; separate the entries with single commas");
  }
  return parts;
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
