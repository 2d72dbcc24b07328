#include "cli/failure.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "detail/memory_budget.h"
#include "detail/out_of_memory.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

/// LibTorch's own errors: the first line says what happened, the rest is for its developers.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string words_of(const std::exception& error) {
  if (dynamic_cast<const Error*>(&error) != nullptr) return error.what();
  if (detail::tells_of_memory(error)) return detail::out_of_memory_words(c10::kCPU);
  if (const auto* const torch_error = dynamic_cast<const c10::Error*>(&error)) {
    return "LibTorch failed: " + first_line(torch_error->what_without_backtrace());
  }
  return std::string("unexpected failure: ") + error.what();
}

}  // namespace

Failure failure_of(const std::exception& error) {
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) {
    return {kExitInterrupted, error.what()};
  }
  const bool is_usage = dynamic_cast<const UsageError*>(&error) != nullptr;
  Failure failure{is_usage ? kExitUsage : kExitFailed, words_of(error)};
  std::replace(failure.words.begin(), failure.words.end(), '\n', ' ');
  return failure;
}

}  // namespace styletransfer::cli
