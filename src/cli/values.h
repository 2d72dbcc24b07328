// Text of a flag to a value and back. Every refusal names the flag, the value and what is valid.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "detail/near_names.h"
#include "styletransfer/error.h"
#include "styletransfer/schedule.h"

namespace styletransfer::cli {

/// "--size 5: <trouble>".
[[noreturn]] void refuse_value(const std::string& flag, const std::string& text,
                               const std::string& trouble);

/// A whole number in [least, most]; `unit` is "pixels", "steps", "" ...
[[nodiscard]] int parse_int(const std::string& flag, const std::string& text, int least, int most,
                            const std::string& unit = "");

/// "512" or "content" (0): a long side.
[[nodiscard]] int parse_size(const std::string& flag, const std::string& text);

/// A number in [least, most]; never nan or infinite.
[[nodiscard]] double parse_double(const std::string& flag, const std::string& text, double least,
                                  double most);

/// "a|b||c" in its parts, empty ones included.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& text, char separator);

/// "a,b,c" in its parts. Refuses empty parts.
[[nodiscard]] std::vector<std::string> split_list(const std::string& flag, const std::string& text);

/// "size=256,iterations=70": one pass.
[[nodiscard]] PassOverrides parse_pass(const std::string& flag, const std::string& text);

/// The shortest text that reads back as the same number.
[[nodiscard]] std::string number_text(double value);

/// One name of an enumeration.
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
