#include "cli/checkpoint/snapshots.h"

#include <filesystem>
#include <regex>
#include <system_error>
#include <utility>

#include "cli/terminal/formatted.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kMinDigits = 5;

bool is_snapshot(const fs::path& path) {
  try {
    const auto settings = read_settings(path.string());
    return settings && settings->find("\"snapshot_of_step\"") != std::string::npos;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string snapshot_folder_of(const std::string& output_path) {
  fs::path folder(output_path);
  folder.replace_extension();
  return folder.string() + "-snapshots";
}

Snapshots::Snapshots(Observer& next, int every, const std::string& output_path, WriteOptions write,
                     SettingsOf settings_of, DiskReserve reserve)
    : ForwardingObserver(next),
      every_(every),
      folder_(snapshot_folder_of(output_path)),
      ending_(fs::path(output_path).extension().string()),
      write_(std::move(write)),
      settings_of_(std::move(settings_of)),
      reserve_(std::move(reserve)) {
  write_.overwrite = true;  // check_folder has checked the existing files
}

void Snapshots::check_folder(const std::string& output_path, bool overwrite, bool is_resumed) {
  static const std::regex kName("step-[0-9]+\\.[^.]+");
  const std::string folder = snapshot_folder_of(output_path);
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) {
    throw UsageError("--snapshot-every: the folder '" + folder + "' cannot be created (" +
                     problem.message() + "); choose another --output");
  }
  if (overwrite) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    if (!std::regex_match(name, kName) || (is_resumed && is_snapshot(entry.path()))) continue;
    throw UsageError("--snapshot-every: '" + entry.path().string() +
                     "' already exists; add --overwrite or choose another --output");
  }
}

void Snapshots::on_schedule(const std::vector<PassStarted>& passes) {
  passes_ = passes;
  ForwardingObserver::on_schedule(passes);
}

int Snapshots::steps_done(const StepFinished& step) const {
  int steps = step.iteration;
  for (int pass = 0; pass < step.pass_index; ++pass) {
    steps += passes_.at(static_cast<std::size_t>(pass)).iterations;
  }
  return steps;
}

bool Snapshots::is_due(const StepFinished& step) const { return steps_done(step) % every_ == 0; }

bool Snapshots::wants_image(const StepFinished& step) {
  const bool next_wants_it = ForwardingObserver::wants_image(step);
  return is_due(step) || next_wants_it;
}

void Snapshots::write(int steps, const Image& image) {
  const std::string path =
      (fs::path(folder_) / (formatted("step-%0*d", kMinDigits, steps) + ending_)).string();
  const std::string problem =
      reserve_.problem(path, max_file_bytes(image.size, image.has_alpha(), write_.bit_depth));
  if (!problem.empty()) throw RunError(problem);
  write_.settings_json = settings_of_(steps);
  write_image(image, path, write_);
}

void Snapshots::on_image(const StepFinished& step, const Image& image) {
  ForwardingObserver::on_image(step, image);
  if (!is_due(step)) return;
  try {
    write(steps_done(step), image);
  } catch (const Error& error) {
    if (!reported_problem_) on_warning(std::string("a snapshot was not written: ") + error.what());
    reported_problem_ = true;
  }
}

}  // namespace styletransfer::cli
