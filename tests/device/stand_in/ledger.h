// What a program did on the stand-in, counted.
#pragma once

#include <string>

namespace stand_in {

/// Adds to a count, such as "operations" or "bytes of aten::mm".
void count(const std::string& what, long by = 1);

/// Counts a wait of the host for the device. Writes the log: the program ends without its exit
/// handlers, and its last wait comes after its last operation.
void count_wait(const std::string& why);

/// Whether every wait is to be named on stderr as it happens (FAKE_CUDA_TRACE).
[[nodiscard]] bool is_traced();

/// Names the callers of the current function on stderr.
void print_callers();

}  // namespace stand_in
