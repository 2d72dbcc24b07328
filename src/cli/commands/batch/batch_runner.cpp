#include "cli/commands/batch/batch_runner.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <optional>

#include "base/atomic_file.h"
#include "base/output_target.h"
#include "base/shown_path.h"
#include "cli/checkpoint/fallback_output.h"
#include "cli/terminal/exit_codes.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/log.h"
#include "cli/terminal/option_names.h"
#include "cli/terminal/progress/progress_reporter.h"
#include "device/thread_start.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

bool is_there(const std::string& path) {
  std::error_code problem;
  return fs::exists(path, problem);
}

std::string images(int count) {
  return std::to_string(count) + (count == 1 ? " image" : " images");
}

/// Zero for an unreadable image.
double work_of(const Pair& pair, const ItemStylizer& maker) {
  return pair.content->problem.empty() ? maker.work_of(pair) : 0.0;
}

}  // namespace

BatchRunner::BatchRunner(const WriteOptions& write, std::span<const Pair> pairs,
                         const std::vector<OutputState>& states, ItemStylizer& maker,
                         int images_at_once)
    : write_(write), pairs_(pairs), maker_(maker), images_at_once_(images_at_once) {
  for (const OutputState& state : states) {
    const bool is_finished = state.kind == OutputState::Kind::kFinished;
    results_.push_back({is_finished ? ItemStatus::kFinishedBefore : ItemStatus::kWaiting});
  }
}

int BatchRunner::run() {
  if (count(ItemStatus::kWaiting) > 0) prepare();
  const int workers = std::min(images_at_once_, static_cast<int>(planned_.size()));
  if (workers <= 1) {
    work_through();
    return end(reporter_.seconds());
  }
  // Each has a team of its own. A trial now: libgomp ends the process when it cannot start one.
  detail::require_threads(workers * maker_.threads_each());
  std::vector<std::future<void>> work;
  for (int i = 0; i < workers; ++i) {
    work.push_back(std::async(std::launch::async, [this] {
      maker_.begin_thread();
      work_through();
    }));
  }
  for (std::future<void>& one : work) one.get();
  return end(reporter_.seconds());
}

void BatchRunner::work_through() {
  for (std::size_t at = next_++; at < planned_.size(); at = next_++) {
    if (interrupt_requested()) return;
    const std::size_t index = planned_[at];
    const Pair& pair = pairs_[index];
    ImageReporter reporter(reporter_, file_name(pair.output_path), work_of(pair, maker_));
    if (status_of(index) == ItemStatus::kWaiting) paint(index, reporter);
  }
}

ItemStatus BatchRunner::status_of(std::size_t index) {
  const std::lock_guard lock(results_mutex_);
  return results_[index].status;
}

void BatchRunner::decide(std::size_t index, ItemResult result) {
  const std::lock_guard lock(results_mutex_);
  results_[index] = std::move(result);
}

/// Finds problems common to all images before the first is started.
void BatchRunner::prepare() {
  for (const Pair& pair : pairs_) {
    if (!pair.content->problem.empty()) give_up(*pair.content, pair.content->problem);
    if (!pair.style->problem.empty()) give_up(*pair.style, pair.style->problem);
  }
  double work = 0.0;
  std::vector<const Pair*> planned;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (results_[i].status != ItemStatus::kWaiting) continue;
    planned_.push_back(i);
    planned.push_back(&pairs_[i]);
    work += work_of(pairs_[i], maker_);
  }
  if (planned.empty()) return;
  check_folder();
  maker_.prepare(planned);
  reporter_.start(static_cast<int>(planned.size()), work);
}

void BatchRunner::check_folder() const {
  const fs::path first = pairs_[planned_.front()].output_path;
  const std::string folder = folder_of(first.string());
  WriteOptions write = write_;
  write.overwrite = true;
  try {
    check_output_folder(folder);
    check_output_path((fs::path(folder) / ("x" + first.extension().string())).string(), write);
  } catch (const UsageError& error) {
    throw UsageError("--output: " + error.message());
  }
}

void BatchRunner::paint(std::size_t index, ImageReporter& reporter) {
  const Pair& pair = pairs_[index];
  // Another process on the same folder may make the same image: the first result is not replaced.
  const auto is_made = [&] { return !write_.overwrite && is_there(pair.output_path); };
  if (is_made()) return decide(index, {ItemStatus::kFinishedBefore});
  try {
    const auto read = [this](const SourceImage& source, const auto& body) {
      read_source(source, body);
    };
    const std::optional<StylizedItem> made = maker_.make(pair, reporter, read, files_mutex_);
    if (made) reporter.on_written(made->summary);
    if (made) decide(index, {ItemStatus::kPainted, "", made->size, made->report.seconds});
  } catch (const WrittenToFallback& error) {
    reporter_.on_error(with_flags(error.message()));
    decide(index, {ItemStatus::kLost, with_flags(error.message())});
  } catch (const std::exception& error) {
    if (is_made()) return decide(index, {ItemStatus::kFinishedBefore});
    // A failed source has already settled and reported all its pairs.
    if (status_of(index) != ItemStatus::kWaiting) return;
    const std::string problem = named_problem(error, pair);
    reporter_.on_error(problem + "; lost: " + file_name(pair.output_path));
    decide(index, {ItemStatus::kLost, problem});
  }
}

/// The error's message, which begins with a file: the image that the error already names, else the
/// style image if it is at fault, else the content image.
std::string BatchRunner::named_problem(const std::exception& error, const Pair& pair) const {
  std::string problem = failure_of(error).message;
  for (const std::string& path : {pair.content->path, pair.style->path, pair.output_path}) {
    const std::string shown = shown_path(path);
    if (problem.starts_with(shown) || problem.find(": " + shown) != std::string::npos) {
      return problem;
    }
  }
  const bool is_of_style = dynamic_cast<const StyleImageError*>(&error) != nullptr;
  return maker_.shown_name(is_of_style ? *pair.style : *pair.content, pair) + ": " + problem;
}

/// A file that cannot be decoded fails for all its pairs.
void BatchRunner::read_source(const SourceImage& source, const std::function<void()>& read) {
  try {
    read();
  } catch (const UsageError& error) {
    give_up(source, with_flags(error.message()));
    throw;
  }
}

void BatchRunner::give_up(const SourceImage& source, const std::string& problem) {
  constexpr int kMaxNames = 3;
  std::string names;
  int lost = 0;
  const std::lock_guard lock(results_mutex_);
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const bool is_of_source = pairs_[i].content == &source || pairs_[i].style == &source;
    if (!is_of_source || results_[i].status != ItemStatus::kWaiting) continue;
    results_[i] = {ItemStatus::kLost, problem};
    if (lost++ < kMaxNames) names += (lost > 1 ? ", " : "") + file_name(pairs_[i].output_path);
  }
  if (lost == 0) return;
  if (lost > kMaxNames) names += " and " + std::to_string(lost - kMaxNames) + " more";
  reporter_.on_error(problem + "; lost: " + names);
}

int BatchRunner::count(ItemStatus status) const {
  return static_cast<int>(
      std::count_if(results_.begin(), results_.end(),
                    [&](const ItemResult& result) { return result.status == status; }));
}

int BatchRunner::end(double seconds) {
  const int painted = count(ItemStatus::kPainted);
  const int before = count(ItemStatus::kFinishedBefore);
  const int lost = count(ItemStatus::kLost);
  const int remaining = count(ItemStatus::kWaiting);
  std::string summary =
      images(static_cast<int>(pairs_.size())) + ": " + std::to_string(painted) + " painted";
  if (before > 0) summary += ", " + std::to_string(before) + " finished before";
  if (lost > 0) summary += ", " + std::to_string(lost) + " failed";
  if (remaining > 0) summary += ", " + std::to_string(remaining) + " remaining";
  summary += "; " + clock_text(seconds);
  if (interrupt_requested()) {
    reporter_.on_warning("interrupted. " + summary + "; run the same command again to continue");
    return kExitInterrupted;
  }
  if (lost > 0) {
    reporter_.on_error(summary);
    return kExitFailed;
  }
  log_info(summary);
  return kExitDone;
}

}  // namespace styletransfer::cli
