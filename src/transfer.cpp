#include "styletransfer/transfer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "detail/final_colors.h"
#include "detail/layer_lookup.h"
#include "detail/memory_budget.h"
#include "detail/out_of_memory.h"
#include "detail/picture_tensor.h"
#include "detail/regions.h"
#include "detail/run.h"
#include "detail/run_colors.h"
#include "detail/style_targets.h"
#include "styletransfer/error.h"
#include "styletransfer/memory_plan.h"

namespace styletransfer {
namespace {

void require_side(const char* what, Size size, int smallest_px) {
  if (std::min(size.width_px, size.height_px) >= smallest_px) return;
  throw UsageError(
      std::string(what) + " would be " + std::to_string(size.width_px) + "x" +
      std::to_string(size.height_px) + " px; the chosen layers and --margin need at least " +
      std::to_string(smallest_px) +
      " px on the short side: raise --size, lower --margin or choose shallower layers");
}

}  // namespace

int style_long_edge_px(int pass_px, double style_scale) {
  return std::max(1, static_cast<int>(std::lround(pass_px * style_scale)));
}

int default_margin_px(LossKind loss) { return loss == LossKind::kRelative ? 16 : 0; }

void validate(const Job& job, const Network& network) {
  if (job.content.empty())
    throw UsageError("the content picture is empty: give one with --content");
  if (job.styles.empty()) throw UsageError("no style picture: give at least one --style");
  for (const Style& style : job.styles) {
    if (!style.image || style.image->empty())
      throw UsageError("a style picture is empty: give one with --style");
  }
  if (job.init.kind == InitKind::kImage && job.init.image.empty()) {
    throw UsageError("the init picture is empty: give one with --init");
  }
  if (job.loss.style_layers.empty()) throw UsageError("--style-layers is empty: name at least one");
  double sum = 0.0;
  for (const Style& style : job.styles) {
    if (!(style.blend >= 0.0) || !std::isfinite(style.blend)) {
      throw UsageError("--style-blend: weights must be 0 or more");
    }
    sum += style.blend;
    if (!(style.scale >= 0.05 && style.scale <= 20.0)) {
      throw UsageError("--style-scale " + std::to_string(style.scale) +
                       ": must be from 0.05 to 20");
    }
  }
  if (sum <= 0.0) throw UsageError("--style-blend: at least one weight must be above 0");
  detail::check_masks(job);
  const int margin_px = job.margin_px.value_or(default_margin_px(job.loss.kind));
  if (margin_px < 0 || margin_px > 256) {
    throw UsageError("--margin " + std::to_string(margin_px) + ": must be from 0 to 256");
  }
  job.optimizer.validate();
  job.stopping.validate();
  const int smallest = detail::smallest_side_px(network, detail::compared_layers(job.loss));
  for (const Pass& pass : make_schedule(job.schedule, job.content.size)) {
    if (pass.iterations == 0) continue;
    require_side("the picture", size_with_long_edge(job.content.size, pass.size_px),
                 std::max(smallest, margin_px + 1));
    for (const Style& style : job.styles) {
      require_side("a style picture", detail::style_size(style, pass.size_px), smallest);
    }
  }
}

struct Studio::Parts {
  const Network& network;
  const Runtime& runtime;
  /// The network for one choice of layers and pooling, and what is known of style pictures by it.
  struct Prepared {
    Prepared(const Network& network, const LossOptions& loss, const Runtime& runtime)
        : layers(detail::compared_layers(loss)),
          pooling(loss.pooling),
          features(network, layers, pooling, runtime) {}

    std::vector<std::string> layers;
    Pooling pooling;
    FeatureNetwork features;
    detail::StyleTargets style_targets;
  };
  std::mutex mutex;
  std::shared_ptr<Prepared> latest;

  std::shared_ptr<Prepared> prepared(const LossOptions& loss) {
    const std::lock_guard lock(mutex);
    if (!latest || latest->layers != detail::compared_layers(loss) ||
        latest->pooling != loss.pooling) {
      latest = std::make_shared<Prepared>(network, loss, runtime);
    }
    return latest;
  }

  /// work(), whose want of memory is told in words.
  template <typename Work>
  auto with_memory(const Work& work) const {
    try {
      return work();
    } catch (const std::exception& error) {
      if (!detail::tells_of_memory(error)) throw;
      throw RunError(detail::out_of_memory_words(runtime.device));
    }
  }

  /// own_targets: null for those that jobs share.
  Result run(const Job& job, detail::StyleTargets* own_targets, Observer& observer,
             std::optional<RunState> from) {
    return with_memory([&] {
      const std::shared_ptr<Prepared> with = prepared(job.loss);
      detail::StyleTargets& targets = own_targets != nullptr ? *own_targets : with->style_targets;
      return detail::Run(job, with->features, targets, runtime, observer, std::move(from)).run();
    });
  }
};

Studio::Studio(const Network& network, const Runtime& runtime)
    : parts_(new Parts{network, runtime, {}, {}}) {}

Studio::~Studio() = default;

void Studio::prepare(const LossOptions& loss) {
  static_cast<void>(parts_->with_memory([&] { return parts_->prepared(loss); }));
}

Result Studio::transfer(const Job& job, Observer& observer, std::optional<RunState> from) {
  validate(job, parts_->network);
  if (job.colors == Colors::kStyle) {
    return parts_->run(job, nullptr, observer, std::move(from));
  }
  if (only_recolors(job.colors)) {
    const int size_px = make_schedule(job.schedule, job.content.size).back().size_px;
    const Image content = resized(job.content, size_with_long_edge(job.content.size, size_px));
    return {in_style_colors(content, job.styles, job.colors), Ending::kFinished, {}};
  }
  // Styles in this content's colours are of no use to another job.
  detail::StyleTargets own_targets;
  detail::FinalColors final_colors(job, observer);
  Result result =
      parts_->run(detail::job_in_run_colors(job), &own_targets, final_colors, std::move(from));
  result.image = detail::in_final_colors(std::move(result.image), job);
  return result;
}

Result transfer(const Job& job, const Network& network, const Runtime& runtime,
                Observer& observer) {
  return Studio(network, runtime).transfer(job, observer);
}

std::vector<LossTerm> picture_loss(const Image& picture, const Job& job, const Network& network,
                                   const Runtime& runtime) {
  const FeatureNetwork features(network, detail::compared_layers(job.loss), job.loss.pooling,
                                runtime);
  const int long_edge_px = std::max(picture.size.width_px, picture.size.height_px);
  require_side("the picture", picture.size,
               detail::smallest_side_px(network, detail::compared_layers(job.loss)));
  const Pass pass = make_schedule(job.schedule, job.content.size).back();
  const std::int64_t limit_bytes = detail::memory_left(job, runtime);
  const SweepPlan plan = plan_look(features, picture.size, limit_bytes);
  const detail::Places places(job, picture.size, 0);
  const at::Tensor content =
      detail::tensor_from_image(resized(detail::without_clear_pixels(job.content), picture.size));
  detail::StyleTargets style_targets;
  Objective objective(
      features, job.loss, {pass.content_weight, pass.style_weight, pass.tv_weight},
      detail::content_aim(job, features, content, places, plan),
      detail::style_regions(job, features, places, style_targets, long_edge_px, limit_bytes), plan);
  static_cast<void>(objective.value(
      detail::tensor_from_image(detail::without_clear_pixels(picture)).to(runtime.device)));
  return objective.terms();
}

}  // namespace styletransfer
