#include "cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "cli/exit_codes.h"

namespace styletransfer::cli {
namespace {

// Signals may be handled at the same time, by two threads: exchange() tells which was the first.
std::atomic<bool> is_requested = false;
std::atomic<bool> is_asked_for = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int /*signal*/) {
  if (is_asked_for.exchange(true)) ::_exit(kExitInterrupted);
  is_requested = true;
}

/// A closing terminal may say so twice, and nobody asked for a stop at once.
void on_hang_up(int /*signal*/) { is_requested = true; }

void handle(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

bool is_ignored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void catch_interrupts() {
  handle(SIGINT, on_interrupt);
  handle(SIGTERM, on_interrupt);
  // Begun with nohup, the run outlives its terminal.
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_hang_up);
  // A file size limit and a closed pipe are errors of the write that meets them.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return is_requested; }

}  // namespace styletransfer::cli
