#include <cstdio>
#include <cstdlib>

#include "cli/application.h"

int main(int argc, char** argv) {
  const int exit_code = styletransfer::cli::run_program(argc, argv);
  // Everything of ours is put away. What is left is LibTorch, which would take itself apart for a
  // tenth of a second.
  std::fflush(nullptr);
  std::_Exit(exit_code);
}
