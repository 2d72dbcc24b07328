#include "detail/style_targets.h"

#include <algorithm>

#include "detail/picture_tensor.h"
#include "styletransfer/memory_plan.h"

namespace styletransfer::detail {
namespace {

// A target of the default layers takes 2.5 MB; a run has three to six sizes.
constexpr size_t kMostEntries = 24;

std::vector<double> normalised_blend(const std::vector<Style>& styles) {
  double sum = 0.0;
  for (const Style& style : styles) sum += style.blend;
  std::vector<double> blend;
  blend.reserve(styles.size());
  for (const Style& style : styles) blend.push_back(style.blend / sum);
  return blend;
}

StyleTarget compute(const Job& job, const std::vector<double>& blend, const FeatureNetwork& network,
                    int pass_px, std::int64_t limit_bytes) {
  std::vector<StylePicture> pictures;
  SweepPlan plan;
  for (size_t i = 0; i < job.styles.size(); ++i) {
    const Image& style = *job.styles[i].image;
    const Size size = style_size(style, pass_px, job.style_scale);
    const SweepPlan own = plan_look(network, size, limit_bytes);
    if (own.stages.size() > plan.stages.size()) plan = own;
    const Image image = resized(style, size);
    pictures.push_back(
        {tensor_from_image(without_clear_pixels(image)), alpha_from_image(image), blend[i]});
  }
  return style_target(network, job.loss.style_layers, pictures, plan, job.loss.style_loss);
}

}  // namespace

Size style_size(const Image& style, int pass_px, double style_scale) {
  return size_with_long_edge(style.size, style_long_edge_px(pass_px, style_scale));
}

StyleTarget StyleTargets::of(const Job& job, const FeatureNetwork& network, int pass_px,
                             std::int64_t limit_bytes) {
  Key key{{},
          normalised_blend(job.styles),
          job.loss.style_layers,
          job.loss.style_loss,
          job.style_scale,
          pass_px};
  for (const Style& style : job.styles) key.images.push_back({style.image});
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    return entries_.front().target;
  }
  StyleTarget target = compute(job, key.blend, network, pass_px, limit_bytes);
  entries_.push_front({std::move(key), std::move(target)});
  if (entries_.size() > kMostEntries) entries_.pop_back();
  return entries_.front().target;
}

}  // namespace styletransfer::detail
