// What the loss of one pass asks for, place by place.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "detail/places.h"
#include "detail/style_targets.h"
#include "styletransfer/objective.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// content_rgb01: the content at the size of the places, its margin included.
[[nodiscard]] ContentAim content_aim(const Job& job, const FeatureNetwork& network,
                                     const at::Tensor& content_rgb01, const Places& places,
                                     const SweepPlan& plan);

/// One region a place of the job's styles, for a pass of this long edge. limit_bytes: see
/// StyleTargets.
[[nodiscard]] std::vector<StyleRegion> style_regions(const Job& job, const FeatureNetwork& network,
                                                     const Places& places, StyleTargets& targets,
                                                     int pass_px, std::int64_t limit_bytes);

/// Where the content stays; laid over pictures on `device`.
[[nodiscard]] std::optional<KeptPlaces> kept_places(const at::Tensor& content_rgb01,
                                                    const Places& places, c10::Device device);

/// The picture with the content in its untouched places; both of one size.
[[nodiscard]] Image with_untouched(const Job& job, Image picture, const Image& content);

}  // namespace styletransfer::detail
