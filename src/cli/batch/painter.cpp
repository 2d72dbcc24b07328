#include "cli/batch/painter.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <optional>

#include "base/atomic_file.h"
#include "base/output_target.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/kept_elsewhere.h"
#include "cli/log/log.h"
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

/// Of a broken picture nothing can be made.
double work_of(const Pair& pair, const PairMaker& maker) {
  return pair.content->trouble.empty() ? maker.work_of(pair) : 0.0;
}

}  // namespace

BatchPainter::BatchPainter(const WriteOptions& write, std::span<const Pair> pairs,
                           const std::vector<OutputState>& states, PairMaker& maker,
                           int pictures_at_once)
    : write_(write), pairs_(pairs), maker_(maker), pictures_at_once_(pictures_at_once) {
  for (const OutputState& state : states) {
    const bool is_finished = state.kind == OutputState::Kind::kFinished;
    outcomes_.push_back({is_finished ? Fate::kFinishedBefore : Fate::kWaiting});
  }
}

int BatchPainter::run() {
  if (count(Fate::kWaiting) > 0) prepare();
  const int workers = std::min(pictures_at_once_, static_cast<int>(planned_.size()));
  if (workers <= 1) {
    work_through();
    return end(reporter_.seconds());
  }
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

void BatchPainter::work_through() {
  for (std::size_t at = next_++; at < planned_.size(); at = next_++) {
    if (interrupt_requested()) return;
    const std::size_t index = planned_[at];
    const Pair& pair = pairs_[index];
    PictureReporter reporter(reporter_, file_name(pair.output_path), work_of(pair, maker_));
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
  std::vector<const Pair*> planned;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (outcomes_[i].fate != Fate::kWaiting) continue;
    planned_.push_back(i);
    planned.push_back(&pairs_[i]);
    work += work_of(pairs_[i], maker_);
  }
  if (planned.empty()) return;
  check_folder();
  maker_.prepare(planned);
  reporter_.start(static_cast<int>(planned.size()), work);
}

void BatchPainter::check_folder() const {
  const fs::path first = pairs_[planned_.front()].output_path;
  const std::string folder = folder_of(first.string());
  const std::string trial = folder + "/x" + first.extension().string();
  WriteOptions write = write_;
  write.overwrite = true;
  try {
    check_output_folder(folder);
    check_output_path(trial, write);
  } catch (const UsageError& error) {
    std::string words = error.what();
    // The folder was given, the name in it was not.
    if (words.starts_with(trial)) words.replace(0, trial.size(), folder);
    throw UsageError("--output: " + words);
  }
}

void BatchPainter::paint(std::size_t index, PictureReporter& reporter) {
  const Pair& pair = pairs_[index];
  // Another run on the same folder may make the same picture: the first one stays.
  const auto is_made = [&] { return !write_.overwrite && is_there(pair.output_path); };
  if (is_made()) return decide(index, {Fate::kFinishedBefore});
  try {
    const double start_seconds = reporter_.seconds();
    const auto read = [this](const SourcePicture& source, const auto& body) {
      read_source(source, body);
    };
    const std::optional<MadePicture> made = maker_.make(pair, reporter, read, files_mutex_);
    if (made) reporter.on_written(made->words);
    decide(index, made
                      ? Outcome{Fate::kPainted, "", made->size, reporter_.seconds() - start_seconds}
                      : Outcome{Fate::kInterrupted});
  } catch (const WrittenElsewhere& error) {
    reporter_.on_error(error.what());
    decide(index, {Fate::kLost, error.what()});
  } catch (const std::exception& error) {
    if (is_made()) return decide(index, {Fate::kFinishedBefore});
    // A source given up has settled this pair with its others, and said so.
    if (fate_of(index) != Fate::kWaiting) return;
    const std::string trouble = failure_of(error).words;
    reporter_.on_error(trouble + "; lost: " + file_name(pair.output_path));
    decide(index, {Fate::kLost, trouble});
  }
}

/// A file that cannot be decoded now cannot be decoded for its other pictures either.
void BatchPainter::read_source(const SourcePicture& source, const std::function<void()>& read) {
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
