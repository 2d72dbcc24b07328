// Cache of style targets: computed once per style image and size, shared by many jobs.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "loss/targets.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/transfer.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// Size of a style's image in a pass of this long edge.
[[nodiscard]] Size style_size(const Style& style, int pass_px);

/// Style targets by style images and size; holds the most recent ones, all of the same
/// FeatureNetwork. Thread-safe: concurrent requests wait for the thread that computes a target.
class StyleTargets {
 public:
  /// Returns the blended target of the styles for a pass of this long edge. limit_bytes: memory
  /// limit of the forward pass over a style image.
  [[nodiscard]] StyleTarget of(const std::vector<Style>& styles, const LossOptions& loss,
                               const FeatureNetwork& network, int pass_px,
                               std::int64_t limit_bytes);

 private:
  /// Identifies an image or mask as long as somebody owns it. Holds a weak reference, because
  /// images may be large.
  struct Identity {
    std::weak_ptr<const void> held;

    friend bool operator==(const Identity& a, const Identity& b) {
      return !a.held.owner_before(b.held) && !b.held.owner_before(a.held);
    }
  };
  /// A style without its content mask.
  struct Part {
    Identity image;
    Identity mask;
    double scale;
    double blend;

    friend bool operator==(const Part&, const Part&) = default;
  };
  struct Key {
    std::vector<Part> parts;
    std::vector<std::string> layers;
    StyleLossKind style_loss;
    int pass_px;

    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Entry {
    Key key;
    StyleTarget target;
  };

  void forget_the_oldest();

  std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
};

}  // namespace styletransfer::detail
