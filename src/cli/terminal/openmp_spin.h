// Shorter OpenMP spin waits on busy machines.
#pragma once

namespace styletransfer::cli {

/// A waiting OpenMP thread spins for milliseconds before it sleeps. On an idle machine that is
/// free; on a busy one it takes the core from the thread that it waits for (measured on two busy
/// cores: 15 to 26 s instead of 5). The runtime reads its setting when it is loaded, so on a busy
/// machine this re-executes the program with a short spin count; process ID and name stay the same.
/// Does nothing unless wants_short_spin(). Must be called before any library is initialized: it
/// uses nothing of the C library that is not ready by then, such as its environment.
void limit_openmp_spin(int argc, char** argv, char** environment);

/// True when the machine is busy, the command has more than one argument (a single one is --help or
/// --version), and neither OMP_WAIT_POLICY nor GOMP_SPINCOUNT is set. `load`: runnable processes
/// per CPU, averaged over a minute.
[[nodiscard]] bool wants_short_spin(int argc, char** environment, double load);

}  // namespace styletransfer::cli
