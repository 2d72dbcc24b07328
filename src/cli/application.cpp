#include "cli/application.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/log/log.h"
#include "cli/thread_waits.h"
#include "detail/out_of_memory.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr const char* kOutOfMemory =
    "out of memory; lower --size or --history, or use --optimizer adam";

int fail(int exit_code, std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  log_error(message);
  return exit_code;
}

/// LibTorch's own errors: the first line says what happened, the rest is for its developers.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

int run_command(const ShowText& command) {
  std::fputs(command.text.c_str(), stdout);
  return 0;
}

int run_program(int argc, const char* const* argv) {
  set_up_log(Verbosity::kNormal);
  try {
    const Command command = parse_command_line(argc, argv);
    if (std::holds_alternative<StylizeOptions>(command)) shorten_waits_on_a_busy_machine(argv);
    catch_interrupts();
    return std::visit([](const auto& chosen) { return run_command(chosen); }, command);
  } catch (const UsageError& error) {
    return fail(kExitUsage, error.what());
  } catch (const Error& error) {
    return fail(kExitFailed, error.what());
  } catch (const c10::Error& error) {
    return fail(kExitFailed,
                detail::tells_of_memory(error)
                    ? kOutOfMemory
                    : "LibTorch failed: " + first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return fail(kExitFailed, detail::tells_of_memory(error)
                                 ? kOutOfMemory
                                 : std::string("unexpected failure: ") + error.what());
  }
}

}  // namespace styletransfer::cli
