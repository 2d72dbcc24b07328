#include <cstdio>
#include <cstdlib>

#include "cli/application.h"
#include "cli/thread_waits.h"

namespace {

// Called before LibTorch sets itself up, which takes a quarter of a second and would be for nothing
// where the program starts anew.
[[gnu::section(".preinit_array"), gnu::used]] void (*const kBeforeLibraries)(int, char**, char**) =
    &styletransfer::cli::shorten_waits_on_a_busy_machine;

}  // namespace

int main(int argc, char** argv) {
  const int exit_code = styletransfer::cli::run_program(argc, argv);
  // Everything of ours is put away. What is left is LibTorch, which would take itself apart for a
  // tenth of a second.
  std::fflush(nullptr);
  std::_Exit(exit_code);
}
