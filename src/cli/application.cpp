#include "cli/application.h"

#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/log/log.h"
#include "cli/thread_waits.h"

namespace styletransfer::cli {

int run_command(const ShowText& command) {
  std::fputs(command.text.c_str(), stdout);
  return 0;
}

int run_program(int argc, const char* const* argv) {
  set_up_log(Verbosity::kNormal);
  try {
    const Command command = parse_command_line(argc, argv);
    if (std::holds_alternative<StylizeOptions>(command) ||
        std::holds_alternative<BatchOptions>(command) ||
        std::holds_alternative<ApplyOptions>(command) ||
        std::holds_alternative<TrainFastOptions>(command) ||
        std::holds_alternative<TrainCycleganOptions>(command)) {
      shorten_waits_on_a_busy_machine(argv);
    }
    catch_interrupts();
    return std::visit([](const auto& chosen) { return run_command(chosen); }, command);
  } catch (const std::exception& error) {
    const Failure failure = failure_of(error);
    log_error(failure.words);
    return failure.exit_code;
  }
}

}  // namespace styletransfer::cli
