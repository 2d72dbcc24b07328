// What a job's style pictures ask for at each size, computed once for many jobs.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Size of a style's picture in a pass of this long edge.
[[nodiscard]] Size style_size(const Style& style, int pass_px);

/// Style targets by style pictures and size, the latest few kept. All of one FeatureNetwork. For
/// several threads: what one computes, the others wait for.
class StyleTargets {
 public:
  /// The blended target of a mixture of styles for a pass of this long edge. limit_bytes: memory
  /// that looking at a style picture may take.
  [[nodiscard]] StyleTarget of(const std::vector<Style>& styles, const LossOptions& loss,
                               const FeatureNetwork& network, int pass_px,
                               std::int64_t limit_bytes);

 private:
  /// A picture or mask, known again as long as somebody holds it; not held here, for it may be
  /// large.
  struct Identity {
    std::weak_ptr<const void> held;

    friend bool operator==(const Identity& a, const Identity& b) {
      return !a.held.owner_before(b.held) && !b.held.owner_before(a.held);
    }
  };
  /// A style without its place in the result.
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
  std::list<Entry> entries_;  // the latest used first
};

}  // namespace styletransfer::detail
