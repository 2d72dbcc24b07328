// Counters of what a program does on the stand-in.
#pragma once

#include <string>

namespace stand_in {

/// Increments a counter, for example "operations" or "bytes of aten::mm".
void count(const std::string& what, long by = 1);

/// Counts a wait of the host for the device, and writes the log: the program exits without running
/// exit handlers, and its last wait comes after its last operation.
void count_wait(const std::string& why);

/// True if every wait should be printed to stderr (FAKE_CUDA_TRACE).
[[nodiscard]] bool is_traced();

/// Prints a backtrace to stderr.
void print_callers();

}  // namespace stand_in
