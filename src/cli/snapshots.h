// Pictures of a run under way, in a folder of their own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/disk_reserve.h"
#include "detail/forwarding_observer.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {

/// "out.png": "out-snapshots".
[[nodiscard]] std::string snapshot_folder_of(const std::string& output_path);

/// Every `every` steps, counted over all passes, `step-00040.png`: ending and quality of the
/// output, numbers of one width.
class Snapshots : public detail::ForwardingObserver {
 public:
  /// settings_of: the settings to store in the picture of this step.
  using SettingsOf = std::function<std::string(int step)>;
  /// A snapshot that would take the room of the result is left out, with one warning.
  Snapshots(Observer& next, int every, const std::string& output_path, WriteOptions write,
            SettingsOf settings_of, DiskReserve reserve);

  /// Before the run: makes the folder; refuses files of others under the names to be used. Without
  /// `may_replace`, every file is another's; else those that are snapshots may be replaced.
  static void check_folder(const std::string& output_path, bool overwrite, bool is_resumed);

  void on_schedule(const std::vector<PassStarted>& passes) override;
  bool wants_picture(const StepFinished& step) override;
  void on_picture(const StepFinished& step, const Image& picture) override;

 private:
  [[nodiscard]] bool is_due(const StepFinished& step) const;
  void write(int steps, const Image& picture);
  [[nodiscard]] int steps_done(const StepFinished& step) const;

  int every_;
  std::string folder_;
  std::string ending_;
  WriteOptions write_;
  SettingsOf settings_of_;
  DiskReserve reserve_;
  std::vector<PassStarted> passes_;
  bool told_trouble_ = false;
};

}  // namespace styletransfer::cli
