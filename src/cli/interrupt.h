// Ctrl-C, SIGTERM, SIGUSR1 and SIGUSR2: the first asks the run to finish its step and save, a
// second one, not in the same moment, stops at once. A terminal that is closed (SIGHUP) and
// processor time that is used up (SIGXCPU) ask as the first does, however often they come.
#pragma once

#include <stdexcept>

namespace styletransfer::cli {

void catch_interrupts();
[[nodiscard]] bool interrupt_requested();

/// Ends work from inside once an interrupt was requested, where nothing is made yet.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted; nothing was written") {}
};

/// Throws Interrupted when an interrupt was requested.
void end_if_interrupted();

}  // namespace styletransfer::cli
