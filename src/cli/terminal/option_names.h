// Options as the command line writes them: "--memory-limit" for the library's "memory_limit".
#pragma once

#include <string>

#include "styletransfer/message.h"

namespace styletransfer::cli {

/// "--memory-limit" for "memory_limit".
[[nodiscard]] std::string flag_of(const std::string& field);
/// "memory_limit" for "--memory-limit".
[[nodiscard]] std::string field_of(const std::string& flag);

/// The message with its options as flags: "raise --memory-limit".
[[nodiscard]] std::string with_flags(const Message& message);

}  // namespace styletransfer::cli
