#include "cli/commands/application.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/commands/command_line.h"
#include "cli/commands/commands.h"
#include "cli/terminal/exit_codes.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/log.h"
#include "device/thread_start.h"

namespace styletransfer::cli {
namespace {

/// If a standard stream is closed, the next opened file would get its descriptor, and messages
/// would be written into that file. /dev/null takes its place; for stdout it is opened read-only,
/// so that writing to it still fails.
void open_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_closed = ::fcntl(stream, F_GETFD) == -1 && errno == EBADF;
    const int access = stream == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (is_closed) static_cast<void>(::open("/dev/null", access));
  }
}

/// True when stdout is a pipe whose reader has exited.
bool reader_is_gone() {
  pollfd stream{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&stream, 1, /*timeout=*/0) == 1 && (stream.revents & POLLERR) != 0;
}

/// Returns a failure exit code when output on stdout was lost.
int exit_code_with_stdout(int exit_code) {
  const bool is_flushed = std::fflush(stdout) == 0;
  if ((is_flushed && std::ferror(stdout) == 0) || reader_is_gone()) return exit_code;
  log_error(
      "stdout cannot be written; check where it is redirected, and whether that disk is full or "
      "stdout is closed");
  return exit_code == kExitDone ? kExitFailed : exit_code;
}

}  // namespace

int run_command(const ShowText& command) {
  std::fputs(command.text.c_str(), stdout);
  return 0;
}

int run_program(int argc, const char* const* argv) {
  open_closed_streams();
  detail::save_addresses();
  set_up_log(Verbosity::kNormal);
  try {
    const Command command = parse_command_line(argc, argv);
    catch_interrupts();
    return exit_code_with_stdout(
        std::visit([](const auto& chosen) { return run_command(chosen); }, command));
  } catch (const std::exception& error) {
    const Failure failure = failure_of(error);
    log_error(failure.message);
    return failure.exit_code;
  }
}

}  // namespace styletransfer::cli
