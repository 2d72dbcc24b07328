// Signal handling: the first Ctrl-C (SIGINT), SIGTERM, SIGUSR1 or SIGUSR2 asks the run to finish
// its iteration and save; a second one, not in the same moment, quits immediately. SIGHUP (closed
// terminal) and SIGXCPU (CPU time limit) act like a first request however often they arrive.
#pragma once

#include <stdexcept>

namespace styletransfer::cli {

void catch_interrupts();
[[nodiscard]] bool interrupt_requested();

/// Thrown to end work after an interrupt, before there is a result.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted; nothing was written") {}
};

/// Throws Interrupted if an interrupt was requested.
void end_if_interrupted();

}  // namespace styletransfer::cli
