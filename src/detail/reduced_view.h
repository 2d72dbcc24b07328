// What a large pass asks of its picture as it looks from afar: that it is as good a small picture
// as its preview.
#pragma once

#include "detail/places.h"
#include "detail/style_targets.h"
#include "styletransfer/objective.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// By how much a pass of this long edge reduces its picture to judge it from afar as well:
/// to at most Job::preview_px. 1: not at all, because the pass is too small for that to be cheap,
/// the reduced pictures would have too few pixels to be judged, or the loss is the classic one.
[[nodiscard]] int view_factor(const Job& job, int pass_px, int margin_px);

/// The pass's loss of the picture reduced so, smoothness left out.
/// wide_content: [h + 2 margin, w + 2 margin, 3], the content at the size of the pass.
/// limit_bytes: see StyleTargets.
[[nodiscard]] Objective reduced_objective(const Job& job, const FeatureNetwork& network,
                                          const Pass& pass, int factor,
                                          const at::Tensor& wide_content, int margin_px,
                                          StyleTargets& targets, std::int64_t limit_bytes);

/// Bytes that it takes at a size of the pass, its margin included.
[[nodiscard]] std::int64_t reduced_bytes(const Job& job, const FeatureNetwork& network, Size worked,
                                         int factor, int margin_px);

}  // namespace styletransfer::detail
