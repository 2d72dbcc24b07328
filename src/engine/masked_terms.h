// Loss terms of one pass, with masks applied.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/style_masks.h"
#include "engine/style_target_cache.h"
#include "loss/objective.h"
#include "styletransfer/transfer.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// content_rgb01: the content at the size of the masks, its margin included.
[[nodiscard]] ContentTerm content_term(const Job& job, const FeatureNetwork& network,
                                       const at::Tensor& content_rgb01,
                                       const StyleMasks& style_masks, const ExecutionPlan& plan);

/// One term per style mask, for a pass of this long edge. limit_bytes: see StyleTargets.
[[nodiscard]] std::vector<StyleTerm> style_terms(const Job& job, const FeatureNetwork& network,
                                                 const StyleMasks& style_masks,
                                                 StyleTargets& targets, int pass_px,
                                                 std::int64_t limit_bytes);

/// Pixels that stay as the content; tensors on `device`. nullopt if there are none.
[[nodiscard]] std::optional<UntouchedPixels> untouched_pixels(const at::Tensor& content_rgb01,
                                                              const StyleMasks& style_masks,
                                                              c10::Device device);

/// Copies the content into the image's untouched pixels; both must have the same size.
[[nodiscard]] Image with_untouched(const Job& job, Image image, const Image& content);

}  // namespace styletransfer::detail
