#include "styletransfer/transfer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "detail/byte_count.h"
#include "detail/layer_lookup.h"
#include "detail/out_of_memory.h"
#include "detail/picture_tensor.h"
#include "styletransfer/error.h"
#include "styletransfer/memory_plan.h"
#include "styletransfer/pass.h"

namespace styletransfer {
namespace {

using Clock = std::chrono::steady_clock;

// A bold first step that has to be taken back is ordinary.
constexpr int kRescuesWorthAWord = 2;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> compared_layers(const LossOptions& loss) {
  std::vector<std::string> layers = loss.content_layers;
  layers.insert(layers.end(), loss.style_layers.begin(), loss.style_layers.end());
  return layers;
}

std::vector<double> normalised_blend(const std::vector<Style>& styles) {
  double sum = 0.0;
  for (const Style& style : styles) sum += style.blend;
  std::vector<double> blend;
  blend.reserve(styles.size());
  for (const Style& style : styles) blend.push_back(style.blend / sum);
  return blend;
}

Size style_size(const Image& style, int pass_px, double style_scale) {
  return size_with_long_edge(style.size, style_long_edge_px(pass_px, style_scale));
}

StyleTarget targets_of_styles(const Job& job, const FeatureNetwork& network, int pass_px,
                              std::int64_t limit_bytes) {
  const std::vector<double> blend = normalised_blend(job.styles);
  std::vector<StylePicture> pictures;
  SweepPlan plan;
  for (size_t i = 0; i < job.styles.size(); ++i) {
    const Size size = style_size(job.styles[i].image, pass_px, job.style_scale);
    const SweepPlan own = plan_look(network, size, limit_bytes);
    if (own.stages.size() > plan.stages.size()) plan = own;
    const Image image = resized(job.styles[i].image, size);
    pictures.push_back({detail::tensor_from_image(detail::without_clear_pixels(image)),
                        detail::alpha_from_image(image), blend[i]});
  }
  return style_target(network, job.loss.style_layers, pictures, plan);
}

/// Transparent pixels of the content take no part in the losses.
LayerWeights weights_of_alpha(const FeatureNetwork& network, const Job& job, Size size,
                              int margin_px) {
  if (!job.content.has_alpha()) return {};
  const at::Tensor alpha = detail::alpha_from_image(resized(job.content, size));
  return layer_weights(network, compared_layers(job.loss),
                       detail::with_margin(alpha.unsqueeze(2), margin_px).squeeze(2));
}

/// The run's pictures from pass to pass.
class PassChain {
 public:
  explicit PassChain(const Job& job)
      : job_(job), content_(detail::without_clear_pixels(job.content)) {}

  [[nodiscard]] Image content_at(Size size) const { return resized(content_, size); }

  /// Start of a pass of this size: the init picture, or the last pass's picture enlarged with the
  /// content's own detail put back in, which no coarser pass can hold.
  [[nodiscard]] Image start(Size size, const Image& content) const {
    if (picture_.empty()) return init(size, content);
    if (picture_.size == size) return picture_;
    Image start = resized(picture_, size);
    const Image coarse = resized(resized(content_, picture_.size), size);
    for (size_t i = 0; i < start.rgb01.size(); ++i) {
      start.rgb01[i] = std::clamp(start.rgb01[i] + content.rgb01[i] - coarse.rgb01[i], 0.0F, 1.0F);
    }
    return start;
  }

  void finish_pass(Image picture) { picture_ = std::move(picture); }
  [[nodiscard]] const Image& picture() const { return picture_; }

 private:
  [[nodiscard]] Image init(Size size, const Image& content) const {
    switch (job_.init.kind) {
      case InitKind::kNoise:
        return detail::noise_image(size, job_.init.seed);
      case InitKind::kImage:
        return resized(detail::without_clear_pixels(job_.init.image), size);
      case InitKind::kContent:
        break;
    }
    return content;
  }

  const Job& job_;
  Image content_;
  Image picture_;
};

double work_of(const Pass& pass, Size content) {
  const Size size = size_with_long_edge(content, pass.size_px);
  return static_cast<double>(size.width_px) * size.height_px * pass.iterations;
}

/// What the run may take beyond what the process holds already.
std::int64_t memory_left(const Job& job, const Runtime& runtime) {
  if (job.memory_limit_bytes == 0) return available_memory_bytes(runtime);
  return job.memory_limit_bytes - (runtime.device.is_cpu() ? current_memory_bytes() : 0);
}

/// Runs the list of passes and tells the observer about it.
class Run {
 public:
  Run(const Job& job, const Network& network, const Runtime& runtime, Observer& observer)
      : job_(job),
        runtime_(runtime),
        observer_(observer),
        network_(network, compared_layers(job.loss), job.loss.pooling, runtime),
        chain_(job),
        limit_bytes_(memory_left(job, runtime)),
        margin_px_(job.margin_px.value_or(default_margin_px(job.loss.kind))),
        passes_(make_schedule(job.schedule, job.content.size)) {
    const auto largest =
        std::max_element(passes_.begin(), passes_.end(),
                         [](const Pass& a, const Pass& b) { return a.size_px < b.size_px; });
    tell_plan(*largest, plan_for(*largest));
    for (const Pass& pass : passes_) {
      work_ += work_of(pass, job.content.size);
      plans_.push_back(plan_for(pass));
    }
  }

  Result run() {
    Result result;
    for (size_t index = 0; index < passes_.size() && result.ending == Ending::kFinished; ++index) {
      try {
        result.passes.push_back(run_one(static_cast<int>(index), result.ending));
      } catch (const std::exception& error) {
        if (!detail::tells_of_memory(error) || chain_.picture().empty()) throw;
        result.ending = Ending::kOutOfMemory;
      }
    }
    result.image = detail::with_alpha_of(chain_.picture(), job_.content);
    return result;
  }

 private:
  PassReport run_one(int index, Ending& ending) {
    const Pass& pass = passes_[static_cast<size_t>(index)];
    const auto start_time = Clock::now();
    PassReport report;
    report.pass = pass;
    report.size = size_with_long_edge(job_.content.size, pass.size_px);
    observer_.on_pass_started({index, static_cast<int>(passes_.size()), report.size.width_px,
                               report.size.height_px, pass.iterations});
    const Image content = chain_.content_at(report.size);
    const Image start = chain_.start(report.size, content);
    if (pass.iterations == 0 || shows_every_style(start, pass.size_px)) {
      chain_.finish_pass(start);
      return report;
    }
    const MemoryPlan& plan = plans_[static_cast<size_t>(index)];
    report.memory = plan.estimate;
    report.plan = plan.words;
    Objective objective(
        network_, job_.loss, {pass.content_weight, pass.style_weight, pass.tv_weight},
        content_target(network_, job_.loss.content_layers, widened(content), plan.sweep),
        targets_of_styles(job_, network_, pass.size_px, limit_bytes_), plan.sweep,
        weights_of_alpha(network_, job_, report.size, margin_px_));
    const PassResult outcome =
        run_pass(objective, widened(start).to(runtime_.device), pass.iterations, plan.optimizer,
                 [&](const PassStep& step) { return tell(index, step); });
    chain_.finish_pass(
        detail::image_from_tensor(detail::without_margin(outcome.picture_rgb01, margin_px_)));
    work_done_ += work_of(pass, job_.content.size);
    report.evaluations = outcome.evaluations;
    report.first_loss = outcome.first_loss;
    report.last_loss = outcome.last_loss;
    report.last_terms = outcome.last_terms;
    report.seconds = seconds_since(start_time);
    ending = judge(outcome);
    return report;
  }

  /// Content, start and styles are one picture: it is its own best picture.
  [[nodiscard]] bool shows_every_style(const Image& start, int pass_px) const {
    if (job_.init.kind != InitKind::kContent) return false;
    for (const Style& style : job_.styles) {
      const Size size = style_size(style.image, pass_px, job_.style_scale);
      if (style.blend > 0.0 && !detail::nearly_same(resized(style.image, size), start)) {
        return false;
      }
    }
    observer_.on_message("the content already is the style picture: nothing to paint");
    return true;
  }

  [[nodiscard]] at::Tensor widened(const Image& image) const {
    return detail::with_margin(detail::tensor_from_image(image), margin_px_);
  }

  /// Throws UsageError when no plan fits, with the size that would.
  [[nodiscard]] MemoryPlan plan_for(const Pass& pass) const {
    const auto plan_at = [&](int long_edge_px) {
      Size size = size_with_long_edge(job_.content.size, long_edge_px);
      size.width_px += 2 * margin_px_;
      size.height_px += 2 * margin_px_;
      return plan_memory(network_, size, job_.loss, job_.optimizer, limit_bytes_);
    };
    MemoryPlan plan = plan_at(pass.size_px);
    if (pass.iterations == 0 || plan.estimate.total() <= limit_bytes_) return plan;
    int fitting = 16;
    for (int step = pass.size_px / 2; step > 0; step /= 2) {
      if (fitting + step < pass.size_px &&
          plan_at(fitting + step).estimate.total() <= limit_bytes_) {
        fitting += step;
      }
    }
    throw UsageError("--size " + std::to_string(pass.size_px) + " needs about " +
                     detail::memory_in_words(plan.estimate.total()) + " but " +
                     detail::memory_in_words(limit_bytes_) + " may be used on " +
                     runtime_.device.str() + "; --size " + std::to_string(fitting) +
                     " would fit (or raise --memory-limit)");
  }

  void tell_plan(const Pass& pass, const MemoryPlan& plan) {
    if (pass.iterations == 0) return;
    const std::int64_t held = runtime_.device.is_cpu() ? current_memory_bytes() : 0;
    observer_.on_message("memory: about " + detail::memory_in_words(held + plan.estimate.total()) +
                         " of " + detail::memory_in_words(held + limit_bytes_) + " (" + plan.words +
                         ")");
  }

  bool tell(int index, const PassStep& step) {
    const Pass& pass = passes_[static_cast<size_t>(index)];
    StepFinished told;
    told.pass_index = index;
    told.iteration = step.iteration;
    told.loss = step.loss;
    told.terms = *step.terms;
    told.fraction_done =
        (work_done_ + work_of(pass, job_.content.size) * step.iteration / pass.iterations) / work_;
    told.seconds_since_start = seconds_since(start_time_);
    return observer_.on_step_finished(told) == Continue::kYes;
  }

  Ending judge(const PassResult& outcome) {
    if (outcome.ending == MinimizeEnding::kStopped) return Ending::kStopped;
    if (outcome.ending == MinimizeEnding::kStationary) return Ending::kFinished;
    if (outcome.rescues > kRescuesWorthAWord) {
      observer_.on_warning("the loss jumped or was not finite " + std::to_string(outcome.rescues) +
                           " times; each time the search went back to its best picture");
    }
    if (outcome.ending != MinimizeEnding::kDiverged) return Ending::kFinished;
    observer_.on_warning("the loss stayed not finite; the best picture so far is kept");
    return Ending::kDiverged;
  }

  const Job& job_;
  const Runtime& runtime_;
  Observer& observer_;
  FeatureNetwork network_;
  PassChain chain_;
  std::int64_t limit_bytes_;
  int margin_px_;
  std::vector<Pass> passes_;
  std::vector<MemoryPlan> plans_;
  double work_ = 0.0;
  double work_done_ = 0.0;
  Clock::time_point start_time_ = Clock::now();
};

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
    if (style.image.empty()) throw UsageError("a style picture is empty: give one with --style");
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
  }
  if (sum <= 0.0) throw UsageError("--style-blend: at least one weight must be above 0");
  if (!(job.style_scale >= 0.05 && job.style_scale <= 20.0)) {
    throw UsageError("--style-scale " + std::to_string(job.style_scale) +
                     ": must be from 0.05 to 20");
  }
  const int margin_px = job.margin_px.value_or(default_margin_px(job.loss.kind));
  if (margin_px < 0 || margin_px > 256) {
    throw UsageError("--margin " + std::to_string(margin_px) + ": must be from 0 to 256");
  }
  job.optimizer.validate();
  const int smallest = detail::smallest_side_px(network, compared_layers(job.loss));
  for (const Pass& pass : make_schedule(job.schedule, job.content.size)) {
    if (pass.iterations == 0) continue;
    require_side("the picture", size_with_long_edge(job.content.size, pass.size_px),
                 std::max(smallest, margin_px + 1));
    for (const Style& style : job.styles) {
      require_side("a style picture", style_size(style.image, pass.size_px, job.style_scale),
                   smallest);
    }
  }
}

Result transfer(const Job& job, const Network& network, const Runtime& runtime,
                Observer& observer) {
  validate(job, network);
  try {
    return Run(job, network, runtime, observer).run();
  } catch (const std::exception& error) {
    if (!detail::tells_of_memory(error)) throw;
    throw RunError("out of memory on " + runtime.device.str() +
                   ": lower --size or --history, or use --optimizer adam");
  }
}

std::vector<LossTerm> picture_loss(const Image& picture, const Job& job, const Network& network,
                                   const Runtime& runtime) {
  const FeatureNetwork features(network, compared_layers(job.loss), job.loss.pooling, runtime);
  const int long_edge_px = std::max(picture.size.width_px, picture.size.height_px);
  require_side("the picture", picture.size,
               detail::smallest_side_px(network, compared_layers(job.loss)));
  const Pass pass = make_schedule(job.schedule, job.content.size).back();
  const std::int64_t limit_bytes = memory_left(job, runtime);
  const SweepPlan plan = plan_look(features, picture.size, limit_bytes);
  Objective objective(features, job.loss, {pass.content_weight, pass.style_weight, pass.tv_weight},
                      content_target(features, job.loss.content_layers,
                                     detail::tensor_from_image(resized(
                                         detail::without_clear_pixels(job.content), picture.size)),
                                     plan),
                      targets_of_styles(job, features, long_edge_px, limit_bytes), plan);
  static_cast<void>(objective.value(
      detail::tensor_from_image(detail::without_clear_pixels(picture)).to(runtime.device)));
  return objective.terms();
}

}  // namespace styletransfer
