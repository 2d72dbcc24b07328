// Everything that a report tells of a run, beside its course (RunRecording).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/report/run_recording.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {

struct NamedPicture {
  /// The picture's file, for people.
  std::string label;
  /// "content.jpg": its name on the live page.
  std::string name;
  /// Empty: not there (yet).
  std::string jpeg;
};

struct RunStory {
  std::string started_utc;
  /// In the shell's words, to make the picture again.
  std::string command;
  /// settings_json of the run; empty until the inputs are read.
  std::string settings_json;
  /// "running", "finished", "stopped", "diverged", "out of memory" or "failed".
  std::string ending = "running";
  /// Why it failed.
  std::string trouble;
  std::string output_path;
  double reading_seconds = 0.0;
  double painting_seconds = 0.0;
  double writing_seconds = 0.0;
  /// Of finished passes.
  std::vector<PassReport> passes;
  NamedPicture content;
  std::vector<NamedPicture> styles;
  NamedPicture result;
};

/// Where a page finds a picture: a data: address, or a name on the server.
using PictureAddress = std::function<std::string(const NamedPicture&)>;

/// The whole record as JSON. With `address`, the pictures are in it as well.
[[nodiscard]] std::string story_json(const RunStory& story, const RunRecording& recording,
                                     const PictureAddress& address = {});

/// A picture of the course under its name: "course-3.jpg".
[[nodiscard]] NamedPicture course_picture(const RunRecording& recording, std::size_t index);

/// Arguments as a POSIX shell takes them.
[[nodiscard]] std::string shell_command(const std::vector<std::string>& arguments);

}  // namespace styletransfer::cli
