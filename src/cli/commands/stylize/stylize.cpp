// The main command: stylizes one image.
#include <cstdint>
#include <string>

#include "base/system/byte_count.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/commands/commands.h"
#include "cli/commands/stylize/image_task.h"
#include "cli/report/report_writer.h"
#include "cli/terminal/exit_codes.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/progress/progress_reporter.h"
#include "styletransfer/runtime_options.h"

namespace styletransfer::cli {
namespace {

int exit_code(StopReason reason) {
  if (reason == StopReason::kInterrupted) return kExitInterrupted;
  if (reason != StopReason::kOutOfMemory) return kExitDone;
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

int paint(const StylizeOptions& command, ImageTask& task, Observers& observers,
          ReportWriter& reports) {
  task.read_content(observers);
  task.read_styles();
  task.read_start(observers);
  if (interrupt_requested()) return end_without_image();
  task.finish_reading();
  reports.on_inputs_read(task.job());
  const std::optional<Image> image = task.make(observers);
  if (!image) return end_without_image();
  reports.on_painted(*image);
  log_info("wrote " + task.write(*image));
  reports.on_ended();
  log_detail(peak_memory_text());
  const StopReason reason = task.report().stop_reason.value_or(StopReason::kFinished);
  if (reason == StopReason::kInterrupted) {
    log_info(has_state(command.output_path)
                 ? "unfinished: add --resume to the same command to continue"
                 : "unfinished, and no checkpoint was saved: the same command starts from scratch");
  }
  return exit_code(reason);
}

}  // namespace

int run_command(const StylizeOptions& command) {
  set_up_log(verbosity_of(command));
  if (!command.preset_line.empty()) log_info(command.preset_line);
  SharedResources resources(command);
  const std::unique_ptr<ImageTask> task = make_image_task(command, resources);
  task->check();
  ProgressReporter reporter(ProgressKind::kImage, command.job.stopping.time_limit_seconds);
  Observers observers;
  observers.add(reporter);
  ReportWriter reports(command, task->report(), observers);
  try {
    return paint(command, *task, observers, reports);
  } catch (const std::exception& error) {
    task->fail(failure_of(error).message);
    reports.on_failed();
    throw;
  }
}

}  // namespace styletransfer::cli
