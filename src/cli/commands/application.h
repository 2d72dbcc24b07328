// Entry point of the program: runs a command line and returns the exit code.
#pragma once

namespace styletransfer::cli {

/// Returns 0: done; 1: the run failed; 2: invalid usage or input; 130: interrupted. Every failure
/// is one line on stderr.
int run_program(int argc, const char* const* argv);

}  // namespace styletransfer::cli
