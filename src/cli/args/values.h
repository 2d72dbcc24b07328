// Conversion between an option's text and its value. Every error names the option, the text and the
// valid values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggestions.h"
#include "cli/terminal/flag_synonyms.h"
#include "styletransfer/bounds.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

/// Throws OptionError "--size 5: <problem>", or "--pass size=5: <problem>" for a key ("--pass
/// size="). `where`: the option's name in messages, "--size" or "run.toml:3: size".
[[noreturn]] void refuse_value(const std::string& where, const std::string& text,
                               const std::string& problem);

/// Parses a whole number within the bounds.
[[nodiscard]] int parse_number(const std::string& where, const std::string& text,
                               const Bounds<int>& bounds);

/// Parses a finite number within the bounds. The unit stands behind each number of the message:
/// "0.001s to 100000s".
[[nodiscard]] double parse_number(const std::string& where, const std::string& text,
                                  const Bounds<double>& bounds);

/// Parses a long side: "512", or "content", which returns 0. Whether the pass is large enough
/// depends on its iterations; make_schedule() checks it.
[[nodiscard]] int parse_size(const std::string& where, const std::string& text);

/// Parses the long side of a listed pass, which cannot be "content".
[[nodiscard]] int parse_pass_size(const std::string& where, const std::string& text);

/// Parses "800M", "6G", "1.5 GiB" (powers of 1024), "600MB", "12GB" (powers of 1000),
/// case-insensitive, and returns bytes: one megabyte to a million gigabytes.
[[nodiscard]] std::int64_t parse_memory_size(const std::string& where, const std::string& text);

/// Splits "a|b||c" at `separator`, empty parts included.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& text, char separator);

/// Splits "a,b,c". Throws OptionError for empty parts.
[[nodiscard]] std::vector<std::string> split_list(const std::string& where,
                                                  const std::string& text);

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
T parse_choice(const std::string& where, const std::string& text,
               const std::array<Choice<T>, N>& choices) {
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
  }
  const auto names = names_of(choices);
  refuse_value(where, text, "choose " + either_of(names) + did_you_mean(text, names));
}

template <typename T, std::size_t N>
std::string name_of(T value, const std::array<Choice<T>, N>& choices) {
  for (const auto& choice : choices) {
    if (choice.value == value) return std::string(choice.name);
  }
  return "";
}

}  // namespace styletransfer::cli
