// Downsampled loss: the loss of a large pass's image at preview size, so that it also looks right
// from a distance.
#pragma once

#include "engine/style_masks.h"
#include "engine/style_target_cache.h"
#include "loss/objective.h"
#include "styletransfer/transfer.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// Returns the factor by which a pass of this long edge downsamples its image for the additional
/// loss: to at most Job::preview_px. 1: no additional loss, because the pass is too small for it to
/// be cheap, the downsampled images would have too few pixels, or the loss is the classic one.
[[nodiscard]] int downsample_factor(const Job& job, int pass_px, int margin_px);

/// Returns the pass's loss, without total variation, for the image downsampled by `factor`.
/// padded_content: [h + 2 margin, w + 2 margin, 3], the content at the size of the pass.
/// limit_bytes: see StyleTargets.
[[nodiscard]] Objective downsampled_objective(const Job& job, const FeatureNetwork& network,
                                              const Pass& pass, int factor,
                                              const at::Tensor& padded_content, int margin_px,
                                              StyleTargets& targets, std::int64_t limit_bytes);

/// Returns the bytes that the downsampled loss takes in a pass of this padded size.
[[nodiscard]] std::int64_t downsampled_bytes(const Job& job, const FeatureNetwork& network,
                                             Size padded_size, int factor, int margin_px);

}  // namespace styletransfer::detail
