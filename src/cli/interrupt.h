// Ctrl-C, SIGTERM, SIGUSR1 and SIGUSR2: the first asks the run to finish its step and save, a second
// one, not in the same moment, stops at once.
// A terminal that is closed (SIGHUP) and processor time that is used up (SIGXCPU) ask as the first
// does, however often they come.
#pragma once

namespace styletransfer::cli {

void catch_interrupts();
[[nodiscard]] bool interrupt_requested();

}  // namespace styletransfer::cli
