#include "engine/downsampled_loss.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/masked_terms.h"
#include "loss/downsample.h"
#include "vgg/features.h"

namespace styletransfer::detail {
namespace {

// A factor f costs 1/f^2 of an evaluation.
constexpr int kMinFactor = 3;
// Smallest short side at which the deep layers are meaningful.
constexpr int kMinSidePx = 64;

int short_side(Size size) { return std::min(size.width_px, size.height_px); }

Size downsampled_size(Size size, int factor) {
  return {size.width_px / factor, size.height_px / factor};
}

}  // namespace

int downsample_factor(const Job& job, int pass_px, int margin_px) {
  if (job.preview_px <= 0 || job.loss.kind == LossKind::kClassic) return 1;
  int factor = (pass_px + job.preview_px - 1) / job.preview_px;
  const int min_px = std::max(kMinSidePx, margin_px + 1);
  const Size size = size_with_long_edge(job.content.size, pass_px);
  const auto is_too_small = [&](int by) {
    return short_side(size) / by < min_px ||
           std::any_of(job.styles.begin(), job.styles.end(), [&](const Style& style) {
             return short_side(style_size(style, pass_px / by)) < kMinSidePx;
           });
  };
  while (factor >= kMinFactor && is_too_small(factor)) --factor;
  return factor >= kMinFactor ? factor : 1;
}

Objective downsampled_objective(const Job& job, const FeatureNetwork& network, const Pass& pass,
                                int factor, const at::Tensor& padded_content, int margin_px,
                                StyleTargets& targets, std::int64_t limit_bytes) {
  const at::Tensor content = box_downsampled(padded_content, factor, margin_px);
  const StyleMasks style_masks(job, downsampled_size(pass.size, factor), margin_px);
  return {network,
          job.loss,
          {pass.weights.content_weight, pass.weights.style_weight, 0.0},
          content_term(job, network, content, style_masks, {}),
          style_terms(job, network, style_masks, targets, pass.size_px / factor, limit_bytes)};
}

std::int64_t downsampled_bytes(const Job& job, const FeatureNetwork& network, Size padded_size,
                               int factor, int margin_px) {
  const Size size = downsampled_size(
      {padded_size.width_px - 2 * margin_px, padded_size.height_px - 2 * margin_px}, factor);
  const std::int64_t height = size.height_px + 2 * margin_px;
  const std::int64_t width = size.width_px + 2 * margin_px;
  std::int64_t bytes = network.execution_bytes(height, width, {});
  for (const std::string& layer : job.loss.content_layers) {
    bytes += network.output_bytes(layer, height, width);
  }
  return bytes + height * width * mask_bytes_per_pixel(job);
}

}  // namespace styletransfer::detail
