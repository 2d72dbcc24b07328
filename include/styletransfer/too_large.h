// Layer 1: the refusal of a picture that would not fit into memory.
#pragma once

#include <string>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer {

/// A picture that would not fit into memory. what() speaks of --size; a caller who was asked for
/// the size in other words has the parts to say it in those.
class TooLargeError : public UsageError {
 public:
  /// `needs`: what stands behind the size: "needs about 3 GB but 2 GB may be used on cpu".
  /// `fitting_px`: long side that would fit; 0: none.
  TooLargeError(int asked_px, int fitting_px, std::string needs)
      : UsageError("--size " + std::to_string(asked_px) + " " + needs + "; " +
                   (fitting_px > 0 ? "--size " + std::to_string(fitting_px) +
                                         " would fit (or raise --memory-limit)"
                                   : "no size would fit: raise --memory-limit, or free some")),
        asked_px_(asked_px),
        fitting_px_(fitting_px),
        needs_(std::move(needs)) {}

  [[nodiscard]] int asked_px() const { return asked_px_; }
  [[nodiscard]] int fitting_px() const { return fitting_px_; }
  [[nodiscard]] const std::string& needs() const { return needs_; }

 private:
  int asked_px_;
  int fitting_px_;
  std::string needs_;
};

}  // namespace styletransfer
