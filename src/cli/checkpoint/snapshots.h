// Snapshots: intermediate images of a run, in a folder of their own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/checkpoint/disk_reserve.h"
#include "engine/forwarding_observer.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {

/// "out-snapshots" for "out.png".
[[nodiscard]] std::string snapshot_folder_of(const std::string& output_path);

/// Writes `step-00040.png` every `every` iterations, counted over all passes, with the output's
/// format and quality; the numbers have a fixed width.
class Snapshots : public detail::ForwardingObserver {
 public:
  /// Returns the settings to store in the image of this iteration.
  using SettingsOf = std::function<std::string(int step)>;
  /// A snapshot that would use the disk space reserved for the result is skipped, with one warning.
  Snapshots(Observer& next, int every, const std::string& output_path, WriteOptions write,
            SettingsOf settings_of, DiskReserve reserve);

  /// Call before the run: creates the folder. Throws UsageError when files that are not this run's
  /// snapshots have the names to be used. Existing snapshots may be replaced with `overwrite` or
  /// `is_resumed`.
  static void check_folder(const std::string& output_path, bool overwrite, bool is_resumed);

  void on_schedule(const std::vector<PassStarted>& passes) override;
  bool wants_image(const StepFinished& step) override;
  void on_image(const StepFinished& step, const Image& image) override;

 private:
  [[nodiscard]] bool is_due(const StepFinished& step) const;
  void write(int steps, const Image& image);
  [[nodiscard]] int steps_done(const StepFinished& step) const;

  int every_;
  std::string folder_;
  std::string ending_;
  WriteOptions write_;
  SettingsOf settings_of_;
  DiskReserve reserve_;
  std::vector<PassStarted> passes_;
  bool reported_problem_ = false;
};

}  // namespace styletransfer::cli
