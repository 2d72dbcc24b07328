#include "cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "cli/exit_codes.h"

namespace styletransfer::cli {
namespace {

// coreutils' timeout sends its signal to the program and then to its process group, the program
// among it. Nobody asks again as fast as that.
constexpr std::int64_t kSameRequest = 250'000'000;  // nanoseconds

// Signals may be handled at the same time, by two threads: an exchange tells which was the first.
std::atomic<bool> is_requested = false;
using Moment = std::atomic<std::int64_t>;
static_assert(Moment::is_always_lock_free);
// When somebody asked for the first time; 0: never. A warning (SIGUSR1) is no part of a request: a
// batch system that sends one before SIGTERM has asked once, not twice.
Moment asked_for_at = 0;
Moment warned_at = 0;

std::int64_t nanoseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Asks for a stop; the second time, not in the same moment, stops at once.
void request(Moment& first_at) {
  const std::int64_t now = nanoseconds_now();
  std::int64_t before = 0;
  const bool is_first = first_at.compare_exchange_strong(before, now);
  if (!is_first && now - before > kSameRequest) ::_exit(kExitInterrupted);
  is_requested = true;
}

void on_interrupt(int /*signal*/) { request(asked_for_at); }

void on_warning(int /*signal*/) { request(warned_at); }

/// A closing terminal may say so twice, and the kernel repeats SIGXCPU every second: nobody asked
/// for a stop at once.
void on_repeated_signal(int /*signal*/) { is_requested = true; }

void handle(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

bool is_ignored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void catch_interrupts() {
  handle(SIGINT, on_interrupt);
  handle(SIGTERM, on_interrupt);
  // Begun with nohup, the run outlives its terminal.
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_repeated_signal);
  // Batch systems announce the end of a job's time: Slurm by the signal of --signal, submitit by
  // SIGUSR2, Grid Engine by SIGUSR1, SIGUSR2 and SIGXCPU.
  handle(SIGUSR1, on_warning);
  handle(SIGUSR2, on_warning);
  handle(SIGXCPU, on_repeated_signal);
  // A file size limit and a closed pipe are errors of the write that meets them.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return is_requested; }

void end_if_interrupted() {
  if (interrupt_requested()) throw Interrupted();
}

}  // namespace styletransfer::cli
