// Where progress is shown: on a terminal one line that is rewritten, elsewhere plain lines.
#pragma once

#include <string>

namespace styletransfer::cli {

class ProgressLine {
 public:
  /// plain_interval_seconds: between lines where they are not rewritten.
  explicit ProgressLine(double plain_interval_seconds);
  /// Leaves no line behind.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  [[nodiscard]] bool is_rewritten() const { return on_terminal_; }
  /// Least time between two lines.
  [[nodiscard]] double interval_seconds() const;

  void show(const std::string& line);
  /// Before anything else is written.
  void clear();

 private:
  bool on_terminal_;
  double plain_interval_seconds_;
  bool is_shown_ = false;
};

}  // namespace styletransfer::cli
