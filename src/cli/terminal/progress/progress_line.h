// Progress line: rewritten in place on a terminal, plain lines elsewhere.
#pragma once

#include <string>

namespace styletransfer::cli {

class ProgressLine {
 public:
  /// `plain_interval_seconds`: time between plain lines.
  explicit ProgressLine(double plain_interval_seconds);
  /// Removes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  [[nodiscard]] bool is_rewritten() const { return on_terminal_; }
  /// Minimum time between two updates.
  [[nodiscard]] double interval_seconds() const;

  void show(const std::string& line);
  /// Call before anything else is written.
  void clear();

 private:
  bool on_terminal_;
  double plain_interval_seconds_;
  bool is_shown_ = false;
};

}  // namespace styletransfer::cli
