// Snapshots: intermediate images of a run or a training, in a folder of their own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/checkpoint/disk_reserve.h"
#include "styletransfer/image_io.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// "out-snapshots" for "out.png".
[[nodiscard]] std::string snapshot_folder_of(const std::string& output_path);
/// "painting-previews" for "painting.pt" and "painting".
[[nodiscard]] std::string preview_folder_of(const std::string& output_path);

struct SnapshotOptions {
  /// Iterations between two, counted over all passes; 0: none.
  int every = 0;
  std::string folder;
  /// "a snapshot", for messages.
  std::string noun;
  /// ".png".
  std::string extension = ".png";
  /// Digits of the number in the file name.
  int digits = 5;
  WriteOptions write;
  /// Returns the settings to store in the image of this iteration; empty: none.
  std::function<std::string(int step)> settings_of;
  /// A snapshot that would use the disk space reserved for the result is skipped, with one warning.
  std::optional<DiskReserve> reserve;
};

/// Writes `step-00040.png` every `every` iterations; existing files are replaced.
class Snapshots : public Observer {
 public:
  /// Warnings go to `messages`.
  Snapshots(Observer& messages, SnapshotOptions options);

  /// Call before the run: creates the folder. Throws UsageError when files that are not this run's
  /// snapshots have the names to be used. Existing snapshots may be replaced with `overwrite` or
  /// `is_resumed`.
  static void check_folder(const std::string& output_path, bool overwrite, bool is_resumed);

  void on_schedule(const std::vector<PassStarted>& passes) override { passes_ = passes; }
  bool wants_image(const StepFinished& step) override;
  void on_image(const StepFinished& step, const Image& image) override;

 private:
  void write(int steps, const Image& image);
  [[nodiscard]] int steps_done(const StepFinished& step) const;

  Observer& messages_;
  SnapshotOptions options_;
  std::vector<PassStarted> passes_;
  bool reported_problem_ = false;
};

}  // namespace styletransfer::cli
