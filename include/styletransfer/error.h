// Error types. Everything the library rejects or fails at is reported as one of these.
#pragma once

#include <stdexcept>
#include <string>

namespace styletransfer {

/// Base of every error that the library throws deliberately. what() is one readable line: what is
/// wrong, where (file, flag or field), and how to fix it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The request is invalid: a wrong option, an unreadable image, an unusable network file, a size
/// that does not fit. Always thrown before any heavy work. Exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// A style image cannot be used. what() does not name its file, which the library does not know.
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
  WriteError(const std::string& message, int error_number)
      : RunError(message), error_number_(error_number) {}

  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

}  // namespace styletransfer
