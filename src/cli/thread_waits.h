// How threads wait for one another on a busy machine.
#pragma once

namespace styletransfer::cli {

/// The OpenMP runtime lets a waiting thread spin for milliseconds before it sleeps. Alone on a
/// machine that costs nothing; beside other programs it takes the processor from the very thread
/// that is waited for (measured on two busy cores: 15 to 26 s instead of 5). The runtime reads its
/// setting when it is loaded, so on a busy machine this starts the program again with a short spin;
/// the process keeps its number and its name.
/// Does nothing unless wants_short_waits(). For the very beginning, before any library is set up:
/// it uses nothing of the C library that is not ready by then, such as its environment.
void shorten_waits_on_a_busy_machine(int argc, char** argv, char** environment);

/// Whether the machine is busy, the command longer than one word (which asks for a help or a
/// version), and neither OMP_WAIT_POLICY nor GOMP_SPINCOUNT among the variables. `load`: runnable
/// programs per processor, averaged over a minute.
[[nodiscard]] bool wants_short_waits(int argc, char** environment, double load);

}  // namespace styletransfer::cli
