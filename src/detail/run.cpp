#include "detail/run.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "detail/byte_count.h"
#include "detail/out_of_memory.h"
#include "detail/picture_tensor.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using Clock = std::chrono::steady_clock;

// A bold first step that has to be taken back is ordinary.
constexpr int kRescuesWorthAWord = 2;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Transparent pixels of the content take no part in the losses.
LayerWeights weights_of_alpha(const FeatureNetwork& network, const Job& job, Size size,
                              int margin_px) {
  if (!job.content.has_alpha()) return {};
  const at::Tensor alpha = alpha_from_image(resized(job.content, size));
  return layer_weights(network, compared_layers(job.loss),
                       with_margin(alpha.unsqueeze(2), margin_px).squeeze(2));
}

double work_of(const Pass& pass, Size content) {
  const Size size = size_with_long_edge(content, pass.size_px);
  return static_cast<double>(size.width_px) * size.height_px * pass.iterations;
}

}  // namespace

std::vector<std::string> compared_layers(const LossOptions& loss) {
  std::vector<std::string> layers = loss.content_layers;
  layers.insert(layers.end(), loss.style_layers.begin(), loss.style_layers.end());
  return layers;
}

std::int64_t memory_left(const Job& job, const Runtime& runtime) {
  if (job.memory_limit_bytes == 0) return available_memory_bytes(runtime);
  return job.memory_limit_bytes - (runtime.device.is_cpu() ? current_memory_bytes() : 0);
}

Run::Run(const Job& job, const FeatureNetwork& network, StyleTargets& style_targets,
         const Runtime& runtime, Observer& observer)
    : job_(job),
      network_(network),
      style_targets_(style_targets),
      runtime_(runtime),
      observer_(observer),
      chain_(job),
      limit_bytes_(memory_left(job, runtime)),
      margin_px_(job.margin_px.value_or(default_margin_px(job.loss.kind))),
      passes_(make_schedule(job.schedule, job.content.size)) {
  size_t largest = 0;
  for (size_t i = 0; i < passes_.size(); ++i) {
    work_ += work_of(passes_[i], job.content.size);
    plans_.push_back(plan_for(passes_[i]));
    if (passes_[i].size_px > passes_[largest].size_px) largest = i;
  }
  tell_plan(passes_[largest], plans_[largest]);
}

Result Run::run() {
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

PassReport Run::run_one(int index, Ending& ending) {
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
      style_targets_.of(job_, network_, pass.size_px, limit_bytes_), plan.sweep,
      weights_of_alpha(network_, job_, report.size, margin_px_));
  const PassResult outcome =
      run_pass(objective, widened(start).to(runtime_.device), pass.iterations, plan.optimizer,
               [&](const PassStep& step) { return tell(index, step); });
  chain_.finish_pass(image_from_tensor(without_margin(outcome.picture_rgb01, margin_px_)));
  work_done_ += work_of(pass, job_.content.size);
  report.evaluations = outcome.evaluations;
  report.first_loss = outcome.first_loss;
  report.last_loss = outcome.last_loss;
  report.last_terms = outcome.last_terms;
  report.seconds = seconds_since(start_time);
  ending = judge(outcome);
  return report;
}

bool Run::shows_every_style(const Image& start, int pass_px) const {
  if (job_.init.kind != InitKind::kContent) return false;
  for (const Style& style : job_.styles) {
    const Size size = style_size(*style.image, pass_px, job_.style_scale);
    if (style.blend > 0.0 && !nearly_same(resized(*style.image, size), start)) {
      return false;
    }
  }
  observer_.on_message("the content already is the style picture: nothing to paint");
  return true;
}

at::Tensor Run::widened(const Image& image) const {
  return detail::with_margin(detail::tensor_from_image(image), margin_px_);
}

MemoryPlan Run::plan_for(const Pass& pass) const {
  MemoryPlan plan = plan_at(pass.size_px);
  if (pass.iterations > 0 && plan.estimate.total() > limit_bytes_) refuse_size(pass, plan);
  return plan;
}

MemoryPlan Run::plan_at(int long_edge_px) const {
  Size size = size_with_long_edge(job_.content.size, long_edge_px);
  size.width_px += 2 * margin_px_;
  size.height_px += 2 * margin_px_;
  return plan_memory(network_, size, job_.loss, job_.optimizer, limit_bytes_);
}

void Run::refuse_size(const Pass& pass, const MemoryPlan& plan) const {
  int fitting = 16;
  for (int step = pass.size_px / 2; step > 0; step /= 2) {
    if (fitting + step < pass.size_px && plan_at(fitting + step).estimate.total() <= limit_bytes_) {
      fitting += step;
    }
  }
  throw UsageError("--size " + std::to_string(pass.size_px) + " needs about " +
                   memory_in_words(plan.estimate.total()) + " but " +
                   memory_in_words(limit_bytes_) + " may be used on " + runtime_.device.str() +
                   "; --size " + std::to_string(fitting) + " would fit (or raise --memory-limit)");
}

void Run::tell_plan(const Pass& pass, const MemoryPlan& plan) {
  if (pass.iterations == 0) return;
  const std::int64_t held = runtime_.device.is_cpu() ? current_memory_bytes() : 0;
  observer_.on_message("memory: about " + memory_in_words(held + plan.estimate.total()) + " of " +
                       memory_in_words(held + limit_bytes_) + " (" + plan.words + ")");
}

bool Run::tell(int index, const PassStep& step) {
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

Ending Run::judge(const PassResult& outcome) {
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

}  // namespace styletransfer::detail
