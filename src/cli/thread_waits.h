// How threads wait for one another on a busy machine.
#pragma once

namespace styletransfer::cli {

/// The OpenMP runtime lets a waiting thread spin for milliseconds before it sleeps. Alone on a
/// machine that costs nothing; beside other programs it takes the processor from the very thread
/// that is waited for (measured on two busy cores: 15 to 26 s instead of 5). The runtime reads its
/// setting before main begins, so on a busy machine this starts the program anew with a short spin
/// (0.2 s). Does nothing on an idle machine, or when the user set OMP_WAIT_POLICY or
/// GOMP_SPINCOUNT.
void shorten_waits_on_a_busy_machine(const char* const* argv);

}  // namespace styletransfer::cli
