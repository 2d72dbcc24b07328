#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "cli/exit_codes.h"

namespace styletransfer::cli {
namespace {

volatile std::sig_atomic_t interrupts = 0;

void on_interrupt(int /*signal*/) {
  if (interrupts != 0) ::_exit(kExitInterrupted);
  interrupts = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A file size limit and a closed pipe are errors of the write that meets them.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return interrupts != 0; }

}  // namespace styletransfer::cli
