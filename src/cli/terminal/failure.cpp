#include "cli/terminal/failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/mapped_file.h"
#include "cli/terminal/exit_codes.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/option_names.h"
#include "device/out_of_memory.h"
#include "device/thread_start.h"
#include "engine/memory_budget.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

/// The first line of a LibTorch error says what happened; the rest is for LibTorch's developers.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Message message_of(const std::exception& error) {
  if (const auto* const ours = dynamic_cast<const Error*>(&error)) return ours->message();
  if (detail::is_out_of_memory(error)) return detail::out_of_memory_message(c10::kCPU);
  if (const auto* const system = dynamic_cast<const std::system_error*>(&error)) {
    if (system->code() == std::errc::resource_unavailable_try_again) {
      return detail::no_thread_message(1);
    }
    if (system->code() == std::errc::too_many_files_open) return open_error_text(EMFILE);
  }
  if (const auto* const torch_error = dynamic_cast<const c10::Error*>(&error)) {
    return "LibTorch failed: " + first_line(torch_error->what_without_backtrace());
  }
  return Message("unexpected failure: ") + error.what();
}

}  // namespace

Failure failure_of(const std::exception& error) {
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) {
    return {kExitInterrupted, error.what()};
  }
  const bool is_usage = dynamic_cast<const UsageError*>(&error) != nullptr;
  Failure failure{is_usage ? kExitUsage : kExitFailed, with_flags(message_of(error))};
  std::replace(failure.message.begin(), failure.message.end(), '\n', ' ');
  return failure;
}

}  // namespace styletransfer::cli
