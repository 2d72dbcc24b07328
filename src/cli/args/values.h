// Conversion between flag text and values. Every error names the flag, the value and the valid
// values.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggestions.h"
#include "styletransfer/error.h"
#include "styletransfer/schedule.h"

namespace styletransfer::cli {

/// Throws UsageError "--size 5: <problem>", or "--pass size=5: <problem>" for a key ("--pass
/// size=").
[[noreturn]] void refuse_value(const std::string& flag, const std::string& text,
                               const std::string& problem);

/// Parses an integer in [min, max]; `unit` is "pixels", "iterations", "", ...
[[nodiscard]] int parse_int(const std::string& flag, const std::string& text, int min, int max,
                            const std::string& unit = "");

/// Parses a long side: "512", or "content", which returns 0.
[[nodiscard]] int parse_size(const std::string& flag, const std::string& text);

/// Parses a finite number in [min, max]. `unit` stands behind each number of the message: "s".
[[nodiscard]] double parse_double(const std::string& flag, const std::string& text, double min,
                                  double max, const std::string& unit = "");

/// Splits "a|b||c" at `separator`, empty parts included.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& text, char separator);

/// Splits "a,b,c". Throws UsageError for empty parts.
[[nodiscard]] std::vector<std::string> split_list(const std::string& flag, const std::string& text);

/// Parses one pass: "size=256,iterations=70".
[[nodiscard]] PassOverrides parse_pass(const std::string& flag, const std::string& text);

/// The shortest text that parses to the same number.
[[nodiscard]] std::string number_text(double value);

/// One named value of an enumeration.
template <typename T>
struct Choice {
  std::string_view name;
  T value;
};

/// "content, noise or image".
[[nodiscard]] std::string either_of(const std::vector<std::string>& names);

template <typename T, std::size_t N>
std::vector<std::string> names_of(const std::array<Choice<T>, N>& choices) {
  std::vector<std::string> names;
  names.reserve(N);
  for (const auto& choice : choices) names.emplace_back(choice.name);
  return names;
}

template <typename T, std::size_t N>
T parse_choice(const std::string& flag, const std::string& text,
               const std::array<Choice<T>, N>& choices) {
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
  }
  const auto names = names_of(choices);
  refuse_value(flag, text, "choose " + either_of(names) + detail::did_you_mean(text, names));
}

template <typename T, std::size_t N>
std::string name_of(T value, const std::array<Choice<T>, N>& choices) {
  for (const auto& choice : choices) {
    if (choice.value == value) return std::string(choice.name);
  }
  return "";
}

}  // namespace styletransfer::cli
