// The program: command line in, exit code out.
#pragma once

namespace styletransfer::cli {

/// 0 done; 1 the run failed; 2 wrong usage or input; 130 interrupted. Every failure is one line on
/// stderr.
int run_program(int argc, const char* const* argv);

}  // namespace styletransfer::cli
