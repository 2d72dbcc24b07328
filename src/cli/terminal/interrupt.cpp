#include "cli/terminal/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "cli/terminal/exit_codes.h"

namespace styletransfer::cli {
namespace {

// coreutils' timeout signals the program and then its process group, which includes the program.
// Two signals within this time count as one request.
constexpr std::int64_t kSameRequest = 250'000'000;  // nanoseconds

// Two threads may handle signals at the same time: an exchange determines which one was first.
std::atomic<bool> is_requested = false;
using Moment = std::atomic<std::int64_t>;
static_assert(Moment::is_always_lock_free);
// Time of the first request; 0: none. A warning (SIGUSR1) is not a request: a batch system that
// sends one before SIGTERM has asked once, not twice.
Moment asked_for_at = 0;
Moment warned_at = 0;

std::int64_t nanoseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Requests a stop; a second request, not in the same moment, quits immediately.
void request(Moment& first_at) {
  const std::int64_t now = nanoseconds_now();
  std::int64_t before = 0;
  const bool is_first = first_at.compare_exchange_strong(before, now);
  if (!is_first && now - before > kSameRequest) ::_exit(kExitInterrupted);
  is_requested = true;
}

void on_interrupt(int /*signal*/) { request(asked_for_at); }

void on_warning(int /*signal*/) { request(warned_at); }

/// A closing terminal may send SIGHUP twice, and the kernel repeats SIGXCPU every second: neither
/// is a request to quit immediately.
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
  // Under nohup, the run outlives its terminal.
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_repeated_signal);
  // Batch systems announce the end of a job's time limit: Slurm by the signal of --signal, submitit
  // by SIGUSR2, Grid Engine by SIGUSR1, SIGUSR2 and SIGXCPU.
  handle(SIGUSR1, on_warning);
  handle(SIGUSR2, on_warning);
  handle(SIGXCPU, on_repeated_signal);
  // With these signals ignored, a file size limit and a closed pipe are reported as write errors.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return is_requested; }

void end_if_interrupted() {
  if (interrupt_requested()) throw Interrupted();
}

}  // namespace styletransfer::cli
