#include "styletransfer/transfer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "device/image_tensor.h"
#include "device/out_of_memory.h"
#include "engine/color_modes.h"
#include "engine/masked_terms.h"
#include "engine/memory_budget.h"
#include "engine/memory_plan.h"
#include "engine/run.h"
#include "engine/run_state.h"
#include "engine/style_target_cache.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"
#include "styletransfer/progress.h"
#include "styletransfer/run_report.h"
#include "styletransfer/runtime.h"
#include "vgg/features.h"
#include "vgg/layer_lookup.h"

namespace styletransfer {
namespace {

template <typename Problem = UsageError>
void require_side(const char* what, Size size, int smallest_px) {
  if (std::min(size.width_px, size.height_px) >= smallest_px) return;
  throw Problem(std::string(what) + " would be " + std::to_string(size.width_px) + "x" +
                std::to_string(size.height_px) + " px; the chosen layers and " + option("margin") +
                " need at least " + std::to_string(smallest_px) + " px on the short side: raise " +
                option("size") + ", lower " + option("margin") + " or choose shallower layers");
}

void check_images(const Job& job) {
  if (job.content.empty()) {
    throw UsageError("the content image is empty: give one with " + option("content"));
  }
  if (job.styles.empty()) {
    throw UsageError("no style image: give at least one " + option("style"));
  }
  for (const Style& style : job.styles) {
    if (style.image && !style.image->empty()) continue;
    throw UsageError("a style image is empty: give one with " + option("style"));
  }
  if (job.init.kind == InitKind::kImage && job.init.image.empty()) {
    throw UsageError("the init image is empty: give one with " + option("init"));
  }
}

void check_styles(const Job& job) {
  double sum = 0.0;
  for (const Style& style : job.styles) {
    require_within("style_blend", style.blend, Style::kBlend);
    require_within("style_scale", style.scale, Style::kScale);
    sum += style.blend;
  }
  if (sum <= 0.0) {
    throw OptionError({"style_blend"},
                      option("style_blend") + ": at least one weight must be above 0");
  }
}

int margin_of(const Job& job) { return job.margin_px.value_or(default_margin_px(job.loss.kind)); }

/// Throws UsageError for anything in the job that cannot be run with this network.
void check(const Job& job, const std::vector<Pass>& passes, const Network& network) {
  check_images(job);
  if (job.loss.style_layers.empty()) {
    throw OptionError({"style_layers"}, option("style_layers") + " is empty: name at least one");
  }
  check_styles(job);
  detail::check_masks(job);
  require_within("margin", margin_of(job), Job::kMargin);
  job.optimizer.validate();
  job.stopping.validate();
  const int smallest = detail::min_side_px(network, detail::compared_layers(job.loss));
  for (const Pass& pass : passes) {
    if (pass.iterations == 0) continue;
    require_side("the image", pass.size, std::max(smallest, margin_of(job) + 1));
    for (const Style& style : job.styles) {
      require_side<StyleImageError>("a style image", detail::style_size(style, pass.size_px),
                                    smallest);
    }
  }
}

std::vector<Pass> passes_of(const Job& job) {
  return job.passes.empty() ? make_schedule(job.schedule, job.content.size) : job.passes;
}

}  // namespace

int style_long_edge_px(int pass_px, double style_scale) {
  return std::max(1, static_cast<int>(std::lround(pass_px * style_scale)));
}

int default_margin_px(LossKind loss) { return loss == LossKind::kRelative ? 16 : 0; }

void validate(const Job& job, const Network& network) { check(job, passes_of(job), network); }

struct TransferSession::Parts {
  const Network& network;
  const Runtime& runtime;
  /// The network for one choice of layers and pooling, and its cached style targets.
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
};

TransferSession::TransferSession(const Network& network, const Runtime& runtime)
    : parts_(new Parts{network, runtime, {}, {}}) {}

TransferSession::~TransferSession() = default;

void TransferSession::prepare(const LossOptions& loss) {
  try {
    static_cast<void>(parts_->prepared(loss));
  } catch (const std::exception& error) {
    if (!detail::is_out_of_memory(error)) throw;
    throw UsageError(detail::network_memory_message(parts_->runtime.device));
  }
}

Result TransferSession::transfer(const Job& job, Observer& observer,
                                 const std::shared_ptr<Checkpoint>& from) {
  std::vector<Pass> passes = passes_of(job);
  check(job, passes, parts_->network);
  Result result;
  if (only_transfers_colors(job.colors)) {
    const Image content = resized(job.content, passes.back().size);
    result.image = in_style_colors(content, job.styles, job.colors);
    result.report.stop_reason = StopReason::kFinished;
    return result;
  }
  const Runtime& runtime = parts_->runtime;
  const bool changes_colors = job.colors != Colors::kStyle;
  try {
    const std::shared_ptr<Parts::Prepared> prepared = parts_->prepared(job.loss);
    std::optional<detail::RunState> start;
    if (from != nullptr) start = detail::run_state_of(std::move(*from));
    std::optional<Job> colored;
    if (changes_colors) colored = detail::job_with_run_colors(job);
    detail::FinalColors final_colors(job, observer);
    // Styles matched to this content's colors cannot be shared with other jobs.
    detail::StyleTargets own_targets;
    result = detail::Run(colored ? *colored : job, std::move(passes), prepared->features,
                         colored ? own_targets : prepared->style_targets, runtime,
                         colored ? final_colors : observer, std::move(start))
                 .run();
  } catch (const std::exception& error) {
    if (!detail::is_out_of_memory(error)) throw;
    throw RunError(detail::out_of_memory_message(runtime.device));
  }
  if (changes_colors) result.image = detail::with_final_colors(std::move(result.image), job);
  result.report.network_source = parts_->network.source;
  result.report.machine = machine_report(runtime);
  return result;
}

Result transfer(const Job& job, const Network& network, const Runtime& runtime,
                Observer& observer) {
  return TransferSession(network, runtime).transfer(job, observer);
}

std::vector<LossTerm> image_loss(const Image& image, const Job& job, const Network& network,
                                 const Runtime& runtime) {
  const FeatureNetwork features(network, detail::compared_layers(job.loss), job.loss.pooling,
                                runtime);
  const int long_edge_px = std::max(image.size.width_px, image.size.height_px);
  require_side("the image", image.size,
               detail::min_side_px(network, detail::compared_layers(job.loss)));
  const Pass pass = passes_of(job).back();
  const std::int64_t limit_bytes = detail::memory_left(job, runtime);
  const ExecutionPlan plan = plan_forward(features, image.size, limit_bytes);
  const detail::StyleMasks style_masks(job, image.size, 0);
  const at::Tensor content =
      detail::tensor_from_image(resized(detail::fill_transparent(job.content), image.size));
  detail::StyleTargets style_targets;
  Objective objective(
      features, job.loss, pass.weights,
      detail::content_term(job, features, content, style_masks, plan),
      detail::style_terms(job, features, style_masks, style_targets, long_edge_px, limit_bytes),
      plan);
  static_cast<void>(objective.value(
      detail::tensor_from_image(detail::fill_transparent(image)).to(runtime.device)));
  return objective.terms();
}

}  // namespace styletransfer
