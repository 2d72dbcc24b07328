#include <cstdio>
#include <cstdlib>

#include "cli/commands/application.h"
#include "cli/terminal/openmp_spin.h"

namespace {

// Runs before LibTorch's static initializers: they take 0.25 s, wasted if limit_openmp_spin starts
// the program again.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const kBeforeLibraries)(int, char**,
                                             char**) = &styletransfer::cli::limit_openmp_spin;

}  // namespace

int main(int argc, char** argv) {
  const int exit_code = styletransfer::cli::run_program(argc, argv);
  // Skips static destructors: LibTorch's take 0.1 s, and nothing is left to flush.
  std::fflush(nullptr);
  std::_Exit(exit_code);
}
