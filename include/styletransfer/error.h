// Layer 0: errors. Everything the library refuses or fails at is one of the types here.
#pragma once

#include <stdexcept>
#include <string>

namespace styletransfer {

/// Base of every error that the library throws on purpose. what() is one line for a person:
/// what is wrong, where (file, flag or field), and what to do about it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The request cannot be met as given: a wrong option, an unreadable picture, an unusable network
/// file, a size that does not fit. Always found before any heavy work. Exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The run failed although the request was sound: memory ran out, the disk filled up. Exit code 1.
class RunError : public Error {
 public:
  using Error::Error;
};

/// A file could not be written.
class WriteError : public RunError {
 public:
  /// error_number: errno of the call that failed.
  WriteError(const std::string& message, int error_number)
      : RunError(message), error_number_(error_number) {}

  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

}  // namespace styletransfer
