#include "cli/application.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/log/log.h"

namespace styletransfer::cli {
namespace {

/// The number of a stream that is closed would be the next file's, and messages would go into it.
/// stdout in its place can only be read, so that writing there still fails.
void open_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_closed = ::fcntl(stream, F_GETFD) == -1 && errno == EBADF;
    const int access = stream == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (is_closed) static_cast<void>(::open("/dev/null", access));
  }
}

/// A pipe whose other end has seen enough.
bool reader_is_gone() {
  pollfd stream{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&stream, 1, /*timeout=*/0) == 1 && (stream.revents & POLLERR) != 0;
}

/// What was asked for on stdout has to arrive there.
int exit_code_with_stdout(int exit_code) {
  const bool is_flushed = std::fflush(stdout) == 0;
  if ((is_flushed && std::ferror(stdout) == 0) || reader_is_gone()) return exit_code;
  log_error(
      "stdout cannot be written; check where it goes, and whether that disk is full or stdout is "
      "closed");
  return exit_code == kExitDone ? kExitFailed : exit_code;
}

}  // namespace

int run_command(const ShowText& command) {
  std::fputs(command.text.c_str(), stdout);
  return 0;
}

int run_program(int argc, const char* const* argv) {
  open_closed_streams();
  set_up_log(Verbosity::kNormal);
  try {
    const Command command = parse_command_line(argc, argv);
    catch_interrupts();
    return exit_code_with_stdout(
        std::visit([](const auto& chosen) { return run_command(chosen); }, command));
  } catch (const std::exception& error) {
    const Failure failure = failure_of(error);
    log_error(failure.words);
    return failure.exit_code;
  }
}

}  // namespace styletransfer::cli
