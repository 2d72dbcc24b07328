// Error types. Everything the library rejects or fails at is reported as one of these.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "styletransfer/message.h"

namespace styletransfer {

/// Base of every error that the library throws deliberately. One readable line: what is wrong,
/// where (file or option), and how to fix it.
class Error : public std::runtime_error {
 public:
  explicit Error(const Message& message)
      : std::runtime_error(message.text()), message_(std::make_shared<const Message>(message)) {}

  /// The line, with its options marked; what() has them as field names.
  [[nodiscard]] const Message& message() const { return *message_; }

 private:
  /// Shared, so that copies do not throw.
  std::shared_ptr<const Message> message_;
};

/// The request is invalid: a wrong option, an unreadable image, an unusable network file, a size
/// that does not fit. Always thrown before any heavy work. Exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// An option has a value that cannot be used, alone or beside the other options.
class OptionError : public UsageError {
 public:
  /// "learning_rate 20: must be from 1e-06 to 10"; `hint`: how to fix it, behind "; ".
  OptionError(const std::string& field, const std::string& value, const Message& bound,
              const Message& hint = {});
  /// Options that exclude each other or have no effect together; the first is the one to change.
  OptionError(std::vector<std::string> fields, const Message& problem);

  /// The options at fault; at least one.
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  /// The value as text; empty when the fault is the combination.
  [[nodiscard]] const std::string& value() const { return value_; }
  /// "must be from 0 to 256"; empty when the fault is the combination.
  [[nodiscard]] const std::string& bound() const { return bound_; }
  [[nodiscard]] const Message& hint() const { return hint_; }

 private:
  std::vector<std::string> fields_;
  std::string value_;
  std::string bound_;
  Message hint_;
};

/// A size of image that does not fit into memory.
class SizeError : public UsageError {
 public:
  struct Facts {
    /// Long sides in pixels: the requested one, and the largest that fits; 0: none does.
    int asked_px = 0;
    int fitting_px = 0;
    /// Memory for the requested size, and the memory that may be used.
    std::int64_t needed_bytes = 0;
    std::int64_t available_bytes = 0;
    /// The same in words: "needs about 3 GB but 2 GB may be used on cpu".
    Message reason;
    /// How to get more memory: "raise memory_limit".
    Message remedy;
  };
  explicit SizeError(const Facts& facts);

  [[nodiscard]] const Facts& facts() const { return *facts_; }

 private:
  std::shared_ptr<const Facts> facts_;
};

/// A style image cannot be used. The message does not name its file, which the library does not
/// know.
class StyleImageError : public UsageError {
 public:
  using UsageError::UsageError;
};

/// The run failed although the request was valid: out of memory, disk full. Exit code 1.
class RunError : public Error {
 public:
  using Error::Error;
};

/// A file could not be written.
class WriteError : public RunError {
 public:
  /// `error_number`: errno of the failed call.
  WriteError(const Message& message, int error_number)
      : RunError(message), error_number_(error_number) {}

  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

}  // namespace styletransfer
