#include "detail/reduced_view.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "detail/box_reduction.h"
#include "detail/regions.h"

namespace styletransfer::detail {
namespace {

// A factor f costs 1/f^2 of an evaluation.
constexpr int kLeastFactor = 3;
// Short side that the deep layers need to say something.
constexpr int kLeastSidePx = 64;

int short_side(Size size) { return std::min(size.width_px, size.height_px); }

Size reduced_size(Size size, int factor) {
  return {size.width_px / factor, size.height_px / factor};
}

}  // namespace

int view_factor(const Job& job, int pass_px, int margin_px) {
  if (job.preview_px <= 0 || job.loss.kind == LossKind::kClassic) return 1;
  int factor = (pass_px + job.preview_px - 1) / job.preview_px;
  const int least_px = std::max(kLeastSidePx, margin_px + 1);
  const Size size = size_with_long_edge(job.content.size, pass_px);
  const auto is_too_small = [&](int by) {
    return short_side(size) / by < least_px ||
           std::any_of(job.styles.begin(), job.styles.end(), [&](const Style& style) {
             return short_side(style_size(style, pass_px / by)) < kLeastSidePx;
           });
  };
  while (factor >= kLeastFactor && is_too_small(factor)) --factor;
  return factor >= kLeastFactor ? factor : 1;
}

Objective reduced_objective(const Job& job, const FeatureNetwork& network, const Pass& pass,
                            int factor, const at::Tensor& wide_content, int margin_px,
                            StyleTargets& targets, std::int64_t limit_bytes) {
  const at::Tensor content = box_reduced(wide_content, factor, margin_px);
  const Places places(
      job, reduced_size(size_with_long_edge(job.content.size, pass.size_px), factor), margin_px);
  return {network,
          job.loss,
          {pass.content_weight, pass.style_weight, 0.0},
          content_aim(job, network, content, places, {}),
          style_regions(job, network, places, targets, pass.size_px / factor, limit_bytes)};
}

std::int64_t reduced_bytes(const Job& job, const FeatureNetwork& network, Size worked, int factor,
                           int margin_px) {
  const Size size =
      reduced_size({worked.width_px - 2 * margin_px, worked.height_px - 2 * margin_px}, factor);
  const std::int64_t height = size.height_px + 2 * margin_px;
  const std::int64_t width = size.width_px + 2 * margin_px;
  std::int64_t bytes = network.sweep_bytes(height, width, {});
  for (const std::string& layer : job.loss.content_layers) {
    bytes += network.output_bytes(layer, height, width);
  }
  return bytes + height * width * place_bytes_a_pixel(job);
}

}  // namespace styletransfer::detail
