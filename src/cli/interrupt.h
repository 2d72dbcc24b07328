// Ctrl-C and SIGTERM: the first asks the run to finish its step and save, a second one, not in the
// same moment, stops at once.
// A terminal that is closed (SIGHUP) asks as the first does.
#pragma once

namespace styletransfer::cli {

void catch_interrupts();
[[nodiscard]] bool interrupt_requested();

}  // namespace styletransfer::cli
