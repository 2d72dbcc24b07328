// The one place that writes to stderr. Knows spdlog and nothing of LibTorch: LibTorch's include
// folder carries another version of fmt than the system's spdlog was built with.
#pragma once

#include <string>

namespace styletransfer::cli {

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// True when stderr is a terminal that understands cursor movement.
[[nodiscard]] bool stderr_is_terminal();

/// Plain lines on stderr; colour only on a terminal and without $NO_COLOR.
void set_up_log(Verbosity verbosity);

void log_detail(const std::string& line);
void log_info(const std::string& line);
/// "warning: <line>".
void log_warning(const std::string& line);
/// "error: <line>".
void log_error(const std::string& line);

/// Terminals only: replaces the progress line by `text`, or removes it when `text` is empty.
/// Nothing when quiet.
void rewrite_progress_line(const std::string& text);

}  // namespace styletransfer::cli
