// Text for a person that may mention options. The library knows options by their field names
// ("memory_limit"); a command line, a bot or a window writes them in its own way.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace styletransfer {

/// One line of text in which options are marked, so that each program can name them as its users
/// know them.
class Message {
 public:
  /// Writes an option: `field` ("memory_limit") and its value, which may be empty.
  using OptionWriter =
      std::function<std::string(const std::string& field, const std::string& value)>;

  Message() = default;
  // Implicit: any text is a message.
  Message(const char* text) : Message(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Message(std::string text);                                 // NOLINT(google-explicit-constructor)

  /// A mention of an option, with a value or without.
  [[nodiscard]] static Message of_option(const std::string& field, const std::string& value);

  Message& operator+=(const Message& more);
  friend Message operator+(Message left, const Message& right) { return left += right; }

  [[nodiscard]] bool empty() const { return parts_.empty(); }

  /// The text with options as fields: "memory_limit", "size 300".
  [[nodiscard]] std::string text() const;
  /// The text with options written by `write`.
  [[nodiscard]] std::string text(const OptionWriter& write) const;

 private:
  struct Part {
    /// Text, or an option's value.
    std::string text;
    /// Empty for text.
    std::string field;
  };

  std::vector<Part> parts_;
};

/// Mentions an option in a message: `"lower " + option("size")`.
[[nodiscard]] inline Message option(const std::string& field, const std::string& value = "") {
  return Message::of_option(field, value);
}

}  // namespace styletransfer
