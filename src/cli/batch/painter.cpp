#include "cli/batch/painter.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <new>

#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/print_flag.h"
#include "cli/reporter.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

bool is_there(const std::string& path) {
  std::error_code trouble;
  return fs::exists(path, trouble);
}

std::string pictures(int count) {
  return std::to_string(count) + (count == 1 ? " picture" : " pictures");
}

/// Of a picture, in pixels x steps; what differs between pairs is the content's size.
double work_of(const Pair& pair, const StylizeOptions& options) {
  if (!pair.content->trouble.empty()) return 0.0;
  double work = 0.0;
  for (const Pass& pass : passes_for(options, pair.content->size)) {
    const Size size = size_with_long_edge(pair.content->size, pass.size_px);
    // A picture costs something without any step as well.
    work += static_cast<double>(size.width_px) * size.height_px * (pass.iterations + 1);
  }
  return work;
}

}  // namespace

BatchPainter::BatchPainter(const BatchOptions& command, std::span<const Pair> pairs,
                           const std::vector<OutputState>& states, Workshop& workshop)
    : command_(command), pairs_(pairs), workshop_(workshop) {
  for (const OutputState& state : states) {
    const bool is_finished = state.kind == OutputState::Kind::kFinished;
    outcomes_.push_back({is_finished ? Fate::kFinishedBefore : Fate::kWaiting});
  }
}

int BatchPainter::run() {
  if (count(Fate::kWaiting) > 0) prepare();
  const int workers =
      std::min(command_.picture.job.jobs_at_once, static_cast<int>(planned_.size()));
  if (workers <= 1) {
    work_through();
    return end(reporter_.seconds());
  }
  std::vector<std::future<void>> work;
  for (int i = 0; i < workers; ++i) {
    work.push_back(std::async(std::launch::async, [this] {
      if (workshop_.is_open()) use_threads_of(workshop_.runtime());
      work_through();
    }));
  }
  for (std::future<void>& one : work) one.get();
  return end(reporter_.seconds());
}

void BatchPainter::work_through() {
  for (std::size_t at = next_++; at < planned_.size(); at = next_++) {
    if (interrupt_requested()) return;
    const std::size_t index = planned_[at];
    const Pair& pair = pairs_[index];
    PictureReporter reporter(reporter_, file_name(pair.output_path),
                             work_of(pair, command_.picture));
    if (fate_of(index) == Fate::kWaiting) paint(index, reporter);
  }
}

Fate BatchPainter::fate_of(std::size_t index) {
  const std::lock_guard lock(outcomes_mutex_);
  return outcomes_[index].fate;
}

void BatchPainter::decide(std::size_t index, Outcome outcome) {
  const std::lock_guard lock(outcomes_mutex_);
  outcomes_[index] = std::move(outcome);
}

/// What would fail for every picture is found before the first.
void BatchPainter::prepare() {
  for (const Pair& pair : pairs_) {
    if (!pair.content->trouble.empty()) give_up(*pair.content, pair.content->trouble);
    if (!pair.style->trouble.empty()) give_up(*pair.style, pair.style->trouble);
  }
  double work = 0.0;
  bool with_network = false;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (outcomes_[i].fate != Fate::kWaiting) continue;
    planned_.push_back(i);
    const Size size = pairs_[i].content->size;
    work += work_of(pairs_[i], command_.picture);
    with_network =
        with_network ||
        needs_network(command_.picture, make_schedule(command_.picture.job.schedule, size));
  }
  if (planned_.empty()) return;
  try {
    WriteOptions write = command_.picture.write;
    write.overwrite = true;
    check_output_path((fs::path(command_.output_folder) / ("x." + command_.format)).string(),
                      write);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--output: ") + error.what());
  }
  if (with_network) workshop_.open();
  reporter_.start(static_cast<int>(planned_.size()), work);
}

void BatchPainter::paint(std::size_t index, PictureReporter& reporter) {
  const Pair& pair = pairs_[index];
  // Another run on the same folder may make the same picture: the first one stays.
  const auto is_made = [&] {
    return !command_.picture.write.overwrite && is_there(pair.output_path);
  };
  if (is_made()) return decide(index, {Fate::kFinishedBefore});
  try {
    decide(index, read_paint_and_write(pair, reporter));
  } catch (const std::exception& error) {
    if (is_made()) return decide(index, {Fate::kFinishedBefore});
    // A source given up has settled this pair with its others, and said so.
    if (fate_of(index) != Fate::kWaiting) return;
    const std::string trouble = failure_of(error).words;
    reporter_.on_error(trouble + "; lost: " + file_name(pair.output_path));
    decide(index, {Fate::kLost, trouble});
  }
}

Outcome BatchPainter::read_paint_and_write(const Pair& pair, PictureReporter& reporter) {
  const double start_seconds = reporter_.seconds();
  const StylizeOptions options = options_of(pair, command_.picture);
  PictureJob picture(options, workshop_);
  {
    const std::lock_guard lock(files_mutex_);
    picture.check();
    read_source(*pair.content, [&] { picture.read_content(reporter); });
    read_source(*pair.style, [&] { picture.read_styles(); });
    picture.read_start(reporter);
  }
  const Result result = picture.paint(reporter);
  if (result.ending == Ending::kStopped) return {Fate::kInterrupted};
  if (result.ending == Ending::kOutOfMemory) throw std::bad_alloc();
  const std::lock_guard lock(files_mutex_);
  reporter.on_written(picture.write(result));
  return {Fate::kPainted, "", result.image.size, reporter_.seconds() - start_seconds};
}

/// A file that cannot be decoded now cannot be decoded for its other pictures either.
template <typename Read>
void BatchPainter::read_source(const SourcePicture& source, const Read& read) {
  try {
    read();
  } catch (const UsageError& error) {
    give_up(source, error.what());
    throw;
  }
}

void BatchPainter::give_up(const SourcePicture& source, const std::string& trouble) {
  constexpr int kMostNames = 3;
  std::string names;
  int lost = 0;
  const std::lock_guard lock(outcomes_mutex_);
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const bool is_of_source = pairs_[i].content == &source || pairs_[i].style == &source;
    if (!is_of_source || outcomes_[i].fate != Fate::kWaiting) continue;
    outcomes_[i] = {Fate::kLost, trouble};
    if (lost++ < kMostNames) names += (lost > 1 ? ", " : "") + file_name(pairs_[i].output_path);
  }
  if (lost == 0) return;
  if (lost > kMostNames) names += " and " + std::to_string(lost - kMostNames) + " more";
  reporter_.on_error(trouble + "; lost: " + names);
}

int BatchPainter::count(Fate fate) const {
  return static_cast<int>(
      std::count_if(outcomes_.begin(), outcomes_.end(),
                    [&](const Outcome& outcome) { return outcome.fate == fate; }));
}

int BatchPainter::end(double seconds) {
  const int painted = count(Fate::kPainted);
  const int before = count(Fate::kFinishedBefore);
  const int lost = count(Fate::kLost);
  const int remaining = count(Fate::kWaiting) + count(Fate::kInterrupted);
  std::string words =
      pictures(static_cast<int>(pairs_.size())) + ": " + std::to_string(painted) + " painted";
  if (before > 0) words += ", " + std::to_string(before) + " finished before";
  if (lost > 0) words += ", " + std::to_string(lost) + " failed";
  if (remaining > 0) words += ", " + std::to_string(remaining) + " remaining";
  words += "; " + clock_text(seconds);
  if (interrupt_requested()) {
    reporter_.on_warning("interrupted. " + words + "; the same command goes on from here");
    return kExitInterrupted;
  }
  if (lost > 0) {
    reporter_.on_error(words);
    return kExitFailed;
  }
  log_info(words);
  return kExitDone;
}

}  // namespace styletransfer::cli
