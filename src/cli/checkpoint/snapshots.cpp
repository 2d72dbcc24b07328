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

std::string preview_folder_of(const std::string& output_path) {
  const fs::path output(output_path);
  const fs::path name = output.extension() == ".pt" ? output.stem() : output.filename();
  return (output.parent_path() / (name.string() + "-previews")).string();
}

Snapshots::Snapshots(Observer& messages, SnapshotOptions options)
    : messages_(messages), options_(std::move(options)) {
  options_.write.overwrite = true;  // check_folder has checked the existing files
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

int Snapshots::steps_done(const StepFinished& step) const {
  int steps = step.iteration;
  for (int pass = 0; pass < step.pass_index; ++pass) {
    steps += passes_.at(static_cast<std::size_t>(pass)).iterations;
  }
  return steps;
}

bool Snapshots::wants_image(const StepFinished& step) {
  return options_.every > 0 && steps_done(step) % options_.every == 0;
}

void Snapshots::write(int steps, const Image& image) {
  const std::string name = formatted("step-%0*d", options_.digits, steps) + options_.extension;
  const std::string path = (fs::path(options_.folder) / name).string();
  WriteOptions write = options_.write;
  if (options_.reserve) {
    const std::uint64_t bytes = max_file_bytes(image.size, image.has_alpha(), write.bit_depth);
    const std::string problem = options_.reserve->problem(path, bytes);
    if (!problem.empty()) throw RunError(problem);
  } else {
    check_output_path(path, write, image.size);
  }
  if (options_.settings_of) write.settings_json = options_.settings_of(steps);
  write_image(image, path, write);
}

void Snapshots::on_image(const StepFinished& step, const Image& image) {
  try {
    write(steps_done(step), image);
  } catch (const Error& error) {
    if (!reported_problem_) {
      messages_.on_warning(options_.noun + " was not written: " + error.message());
    }
    reported_problem_ = true;
  }
}

}  // namespace styletransfer::cli
