// What a job's style pictures ask for at each size, computed once for many jobs.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Size of a style picture in a pass of this long edge.
[[nodiscard]] Size style_size(const Image& style, int pass_px, double style_scale);

/// Style targets by style pictures and size, the latest few kept. All of one FeatureNetwork.
class StyleTargets {
 public:
  /// The blended target of the job's styles for a pass of this long edge. limit_bytes: memory that
  /// looking at a style picture may take.
  [[nodiscard]] StyleTarget of(const Job& job, const FeatureNetwork& network, int pass_px,
                               std::int64_t limit_bytes);

 private:
  /// A picture, known again as long as somebody holds it; not held here, for it may be large.
  struct Identity {
    std::weak_ptr<const Image> image;

    friend bool operator==(const Identity& a, const Identity& b) {
      return !a.image.owner_before(b.image) && !b.image.owner_before(a.image);
    }
  };
  struct Key {
    std::vector<Identity> images;
    std::vector<double> blend;
    std::vector<std::string> layers;
    StyleLossKind style_loss;
    double scale;
    int pass_px;

    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Entry {
    Key key;
    StyleTarget target;
  };

  std::list<Entry> entries_;  // the latest used first
};

}  // namespace styletransfer::detail
