// The main command: stylizes one image.
#include <cstdint>
#include <string>

#include "base/byte_count.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/commands/commands.h"
#include "cli/commands/stylize/stylize_task.h"
#include "cli/report/report_writer.h"
#include "cli/terminal/exit_codes.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/progress_reporter.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {
namespace {

int exit_code(Ending ending) {
  if (ending == Ending::kStopped) return kExitInterrupted;
  if (ending != Ending::kOutOfMemory) return kExitDone;
  log_error(
      "out of memory; the result of the last pass that fit was written: lower --size (or the dpi "
      "of --print) or --history, or use --optimizer adam");
  return kExitFailed;
}

std::string peak_memory_text() {
  std::string text = "peak memory: " + detail::memory_text(peak_memory_bytes());
  if (const std::int64_t bytes = peak_device_memory_bytes(); bytes > 0) {
    text += " in the process, " + detail::memory_text(bytes) + " on the GPU";
  }
  return text;
}

int end_without_image() {
  log_warning("interrupted before the first iteration; nothing was written");
  return kExitInterrupted;
}

int paint(const StylizeOptions& command, StylizeTask& image, ReportWriter& reports) {
  image.read_content(reports.observer());
  image.read_styles();
  image.read_start(reports.observer());
  if (interrupt_requested()) return end_without_image();
  reports.on_inputs_read(image.job(), image.settings_json());
  const Result result = image.paint(reports.observer());
  if (result.image.empty()) return end_without_image();
  reports.on_painted(result);
  log_info("wrote " + image.write(result));
  reports.on_written(result);
  log_detail(peak_memory_text());
  if (result.ending == Ending::kStopped) {
    log_info(has_state(command.output_path)
                 ? "unfinished: add --resume to the same command to continue"
                 : "unfinished, and no checkpoint was saved: the same command starts from scratch");
  }
  return exit_code(result.ending);
}

}  // namespace

int run_command(const StylizeOptions& command) {
  set_up_log(command.verbosity);
  if (!command.preset_line.empty()) log_info(command.preset_line);
  SharedResources resources(command);
  StylizeTask image(command, resources);
  image.check();
  ProgressReporter reporter(command.job.stopping.time_limit_seconds);
  ReportWriter reports(command, reporter);
  try {
    return paint(command, image, reports);
  } catch (const std::exception& error) {
    reports.on_failure(failure_of(error).message);
    throw;
  }
}

}  // namespace styletransfer::cli
