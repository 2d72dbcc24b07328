// The error for an image that would not fit into memory.
#pragma once

#include <string>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer {

/// The requested image would not fit into memory. what() refers to --size; callers that take the
/// size from another flag can build their own message from the parts.
class TooLargeError : public UsageError {
 public:
  /// `needs`: the text after the size: "needs about 3 GB but 2 GB may be used on cpu".
  /// `fitting_px`: long side that would fit; 0: none. `remedy`: how to give the run more memory.
  TooLargeError(int asked_px, int fitting_px, std::string needs,
                std::string remedy = "raise --memory-limit")
      : UsageError("--size " + std::to_string(asked_px) + " " + needs + "; " +
                   (fitting_px > 0
                        ? "--size " + std::to_string(fitting_px) + " would fit (or " + remedy + ")"
                        : "no size would fit: " + remedy)),
        asked_px_(asked_px),
        fitting_px_(fitting_px),
        needs_(std::move(needs)),
        remedy_(std::move(remedy)) {}

  [[nodiscard]] int asked_px() const { return asked_px_; }
  [[nodiscard]] int fitting_px() const { return fitting_px_; }
  [[nodiscard]] const std::string& needs() const { return needs_; }
  [[nodiscard]] const std::string& remedy() const { return remedy_; }

 private:
  int asked_px_;
  int fitting_px_;
  std::string needs_;
  std::string remedy_;
};

}  // namespace styletransfer
