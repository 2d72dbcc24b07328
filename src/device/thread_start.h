// Starting of threads: checks, before OpenMP does it, that the system lets the process have them.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/message.h"

namespace styletransfer::detail {

/// Address space that must be left beside the threads for the smallest run: an image of 64 pixels
/// with a network of a few kilobytes took 16 MB (one thread) to 25 MB (two).
inline constexpr std::int64_t kSmallestRunBytes = std::int64_t{24} << 20;

/// Returns the bytes of address space that the stacks of `count` threads reserve: each the larger
/// of OpenMP's size (OMP_STACKSIZE) and the system's default (`ulimit -s`), and a guard page.
[[nodiscard]] std::int64_t thread_stack_bytes(int count);

/// Parses OMP_STACKSIZE: "512k", "16 M"; a number alone counts kilobytes. 0 for anything else.
[[nodiscard]] std::int64_t parse_stack_size(const std::string& text);

/// Under a limit of the address space (`ulimit -v`), makes all threads share malloc's main arena,
/// as far as they have none of their own yet. Call before the first thread is started.
void save_addresses();

/// Checks that `count` more threads can be started: that a limit of the address space (`ulimit -v`,
/// `ulimit -d`) holds their stacks and kSmallestRunBytes, and that the system starts that many, all
/// at the same time, by doing so. Throws UsageError naming the limit, what is needed and what is
/// free. Must be called before OpenMP starts a team: libgomp ends the process when it cannot.
void require_threads(int count);

/// Starts OpenMP's team of the calling thread, so that its stacks count as used from here on.
void start_team();

/// Returns "no more threads can be started ..." with the limit that is the likely cause and the
/// remedy. `count`: the threads that were wanted.
[[nodiscard]] Message no_thread_message(int count);

}  // namespace styletransfer::detail
