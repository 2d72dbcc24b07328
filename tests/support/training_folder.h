// A folder of small training images, and an observer that records, stops and saves.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "styletransfer/checkpoint.h"
#include "styletransfer/image_io.h"
#include "styletransfer/progress.h"
#include "support/tiny_job.h"

namespace styletransfer {

/// Temporary; deleted on destruction.
class TrainingFolder {
 public:
  explicit TrainingFolder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("styletransfer_" + name + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  TrainingFolder(const TrainingFolder&) = delete;
  TrainingFolder& operator=(const TrainingFolder&) = delete;
  ~TrainingFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  /// Paths of this many different images.
  [[nodiscard]] std::vector<std::string> photos(int count, float first_phase = 0.2F,
                                                Size size = {48, 40}) const {
    std::vector<std::string> paths;
    for (int i = 0; i < count; ++i) {
      const float phase = first_phase + 0.37F * static_cast<float>(i);
      paths.push_back(file("photo" + std::to_string(i) + "_" + std::to_string(phase) + ".png"));
      WriteOptions options;
      options.overwrite = true;
      write_image(wavy_image(size, phase), paths.back(), options);
    }
    return paths;
  }

 private:
  std::filesystem::path path_;
};

class TrainingRecorder : public Observer {
 public:
  /// Saves a checkpoint after this step and stops there; 0: never.
  explicit TrainingRecorder(int stop_at = 0, std::string state_path = "")
      : stop_at_(stop_at), state_path_(std::move(state_path)) {}

  void on_warning(const Message& line) override { warnings.push_back(line.text()); }
  Continue on_step_finished(const StepFinished& step) override {
    steps.push_back(step);
    return step.iteration == stop_at_ ? Continue::kStop : Continue::kYes;
  }
  void on_validation(const ValidationResult& check) override { checks.push_back(check); }
  bool wants_image(const StepFinished& step) override { return step.iteration == preview_at; }
  void on_image(const StepFinished& /*step*/, const Image& image) override { preview = image; }
  bool wants_checkpoint(bool is_stopping) override {
    EXPECT_EQ(is_stopping, steps.back().iteration == stop_at_);
    return is_stopping;
  }
  void on_checkpoint(const Checkpoint& checkpoint) override {
    save_checkpoint(checkpoint, "binding", state_path_);
  }

  std::vector<std::string> warnings;
  std::vector<StepFinished> steps;
  std::vector<ValidationResult> checks;
  int preview_at = 0;
  Image preview;

 private:
  int stop_at_;
  std::string state_path_;
};

}  // namespace styletransfer
