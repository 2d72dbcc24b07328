// The main job: one picture.
#include <cstdint>
#include <string>

#include "base/byte_count.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/picture_job.h"
#include "cli/report/run_records.h"
#include "cli/reporter.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {
namespace {

int exit_code(Ending ending) {
  if (ending == Ending::kStopped) return kExitInterrupted;
  if (ending != Ending::kOutOfMemory) return kExitDone;
  log_error(
      "out of memory; what is written is the last pass that fitted: lower --size (or the dpi of "
      "--print) or "
      "--history, or use --optimizer adam");
  return kExitFailed;
}

std::string peak_memory_text() {
  std::string text = "peak memory: " + detail::memory_in_words(peak_memory_bytes());
  if (const std::int64_t bytes = peak_device_memory_bytes(); bytes > 0) {
    text += " in the process, " + detail::memory_in_words(bytes) + " on the GPU";
  }
  return text;
}

int end_without_picture() {
  log_warning("interrupted before the first step; nothing is written");
  return kExitInterrupted;
}

int paint(PictureJob& picture, RunRecords& records) {
  picture.read_content(records.observer());
  picture.read_styles();
  picture.read_start(records.observer());
  if (interrupt_requested()) return end_without_picture();
  records.on_inputs_read(picture);
  const Result result = picture.paint(records.observer());
  if (result.image.empty()) return end_without_picture();
  records.on_painted(result);
  log_info("wrote " + picture.write(result));
  records.on_written(result);
  log_detail(peak_memory_text());
  if (result.ending == Ending::kStopped) {
    log_info("unfinished: the same command with --resume goes on");
  }
  return exit_code(result.ending);
}

}  // namespace

int run_command(const StylizeOptions& command) {
  set_up_log(command.verbosity);
  Workshop workshop(command);
  PictureJob picture(command, workshop);
  picture.check();
  Reporter reporter(command.job.stopping.time_limit_seconds);
  RunRecords records(command, reporter);
  try {
    return paint(picture, records);
  } catch (const std::exception& error) {
    records.on_failure(failure_of(error).words);
    throw;
  }
}

}  // namespace styletransfer::cli
