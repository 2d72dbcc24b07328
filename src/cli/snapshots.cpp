#include "cli/snapshots.h"

#include <filesystem>
#include <regex>
#include <system_error>
#include <utility>

#include "cli/formatted.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

/// A million passes of a million steps are refused long before.
constexpr int kLeastDigits = 5;

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
  write_.overwrite = true;  // check_folder has judged what is there
}

void Snapshots::check_folder(const std::string& output_path, bool overwrite, bool is_resumed) {
  static const std::regex kName("step-[0-9]+\\.[^.]+");
  const std::string folder = snapshot_folder_of(output_path);
  std::error_code trouble;
  fs::create_directories(folder, trouble);
  if (trouble) {
    throw UsageError("--snapshot-every: the folder '" + folder + "' cannot be made (" +
                     trouble.message() + "); choose another --output");
  }
  if (overwrite) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, trouble)) {
    const std::string name = entry.path().filename().string();
    if (!std::regex_match(name, kName) || (is_resumed && is_snapshot(entry.path()))) continue;
    throw UsageError("--snapshot-every: '" + entry.path().string() +
                     "' is there already; add --overwrite or choose another --output");
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

bool Snapshots::wants_picture(const StepFinished& step) {
  const bool next_wants_it = ForwardingObserver::wants_picture(step);
  return is_due(step) || next_wants_it;
}

void Snapshots::write(int steps, const Image& picture) {
  const std::string path =
      (fs::path(folder_) / (formatted("step-%0*d", kLeastDigits, steps) + ending_)).string();
  if (!reserve_.leaves_room(path,
                            max_file_bytes(picture.size, picture.has_alpha(), write_.bit_depth))) {
    throw RunError(reserve_.refusal());
  }
  write_.settings_json = settings_of_(steps);
  write_image(picture, path, write_);
}

void Snapshots::on_picture(const StepFinished& step, const Image& picture) {
  ForwardingObserver::on_picture(step, picture);
  if (!is_due(step)) return;
  try {
    write(steps_done(step), picture);
  } catch (const Error& error) {
    if (!told_trouble_) on_warning(std::string("a snapshot was not written: ") + error.what());
    told_trouble_ = true;
  }
}

}  // namespace styletransfer::cli
