// Log on stderr; nothing else writes to it. Uses spdlog and must not include LibTorch: LibTorch's
// include folder has another version of fmt than the system's spdlog was built with.
#pragma once

#include <string>

#include "styletransfer/message.h"

namespace styletransfer::cli {

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// True when stderr is a terminal that understands cursor movement.
[[nodiscard]] bool stderr_is_terminal();

/// Logs plain lines to stderr, with color only on a terminal without $NO_COLOR.
void set_up_log(Verbosity verbosity);

// Options in a line are written as flags.
void log_detail(const Message& line);
void log_info(const Message& line);
/// Logs even when quiet: for what was asked for and is not to be had otherwise.
void log_always(const Message& line);
/// "warning: <line>".
void log_warning(const Message& line);
/// "error: <line>".
void log_error(const Message& line);

/// For terminals: replaces the progress line with `text`, or removes it when `text` is empty. Does
/// nothing when quiet.
void rewrite_progress_line(const std::string& text);

}  // namespace styletransfer::cli
