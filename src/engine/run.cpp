#include "engine/run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/system/byte_count.h"
#include "device/caching_allocator.h"
#include "device/device_memory.h"
#include "device/image_tensor.h"
#include "device/out_of_memory.h"
#include "engine/downsampled_loss.h"
#include "engine/masked_terms.h"
#include "engine/step_cost.h"
#include "loss/loss_balance.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using Clock = std::chrono::steady_clock;

// One restart is normal: a bold first step may have to be taken back.
constexpr int kMinRestartsReported = 2;

// Cost of computing the targets of one image, in iterations.
constexpr double kTargetSteps = 0.35;

/// Returns true if two passes minimize the same objective, so that the second can reuse the
/// optimizer state of the first: a fresh search would take its first steps too far and spend some
/// on the way back.
bool have_one_objective(const Pass& a, const Pass& b) {
  return a.size_px == b.size_px && a.weights == b.weights;
}

}  // namespace

Run::Run(const Job& job, std::vector<Pass> passes, const FeatureNetwork& network,
         StyleTargets& style_targets, const Runtime& runtime, Observer& observer,
         std::optional<RunState> from)
    : job_(job),
      network_(network),
      style_targets_(style_targets),
      runtime_(runtime),
      observer_(observer),
      chain_(job),
      limit_bytes_(from ? from->memory_left_bytes : memory_left(job, runtime)),
      margin_px_(job.margin_px.value_or(default_margin_px(job.loss.kind))),
      passes_(std::move(passes)),
      times_(job.stopping.time_limit_seconds, pass_costs()),
      plateau_(job.stopping),
      device_bytes_before_(device_memory(runtime.device).in_use),
      from_(std::move(from)) {
  for (const Pass& pass : passes_) work_ += work_of(pass);
  plan();
  const std::size_t largest = largest_pass();
  if (passes_[largest].iterations == 0) return;
  // The memory of the resumed state is part of the plan.
  const std::int64_t state_bytes = from_ ? tensor_bytes(*from_) : 0;
  if (from_ && exceeds_memory(plans_[largest].estimate.total() - state_bytes, runtime)) {
    observer_.on_warning("less memory is free than in the interrupted run: planned again");
    limit_bytes_ = memory_left(job, runtime) + state_bytes;
    plan();
  }
  if (plans_[largest].estimate.total() > limit_bytes_) refuse_size(largest);
  report_plan(plans_[largest]);
}

void Run::plan() {
  plans_.clear();
  for (const Pass& pass : passes_) plans_.push_back(plan_at(pass.size_px));
}

std::size_t Run::largest_pass() const {
  const auto is_smaller = [](const Pass& a, const Pass& b) {
    return std::make_pair(a.iterations > 0, a.size_px) <
           std::make_pair(b.iterations > 0, b.size_px);
  };
  return static_cast<std::size_t>(
      std::distance(passes_.begin(), std::max_element(passes_.begin(), passes_.end(), is_smaller)));
}

Result Run::run() {
  std::vector<PassStarted> schedule;
  for (size_t i = 0; i < passes_.size(); ++i) schedule.push_back(pass_started(i));
  observer_.on_schedule(schedule);
  warn_of_lost_styles();
  size_t first = 0;
  if (from_) {
    first = static_cast<size_t>(from_->pass_index);
    resume_from(*from_);
  }
  for (size_t index = first; index < passes_.size() && stop_reason_ == StopReason::kFinished;
       ++index) {
    try {
      finished_passes_.push_back(run_one(static_cast<int>(index)));
      tensor_allocator().release_free();
    } catch (const std::exception& error) {
      if (!detail::is_out_of_memory(error) || !chain_.image()) throw;
      stop_reason_ = StopReason::kOutOfMemory;
    }
  }
  Result result;
  result.image = finished(*chain_.image());
  result.report.stop_reason = stop_reason_;
  result.report.passes = std::move(finished_passes_);
  result.report.optimizing_seconds = seconds();
  return result;
}

/// Checked at the size of the last pass: a thin mask may lose all its pixels in coarser passes
/// only.
void Run::warn_of_lost_styles() const {
  if (!has_masks(job_)) return;
  for (const size_t number :
       StyleMasks(job_, passes_.back().size, margin_px_).styles_without_pixels()) {
    observer_.on_warning("style " + std::to_string(number) +
                         " paints nowhere: other styles' masks, untouched or transparent pixels "
                         "cover its whole place; it is left out");
  }
}

void Run::resume_from(RunState& from) {
  const auto index = static_cast<size_t>(from.pass_index);
  if (index >= passes_.size() || from.finished_passes.size() != index) {
    throw UsageError("the saved state belongs to another list of passes; start without it");
  }
  const Size full_size = padded_size(passes_[index].size_px);
  if (from.pass.width != full_size.width_px || from.pass.height != full_size.height_px) {
    throw UsageError("the saved state belongs to another image size; start without it");
  }
  finished_passes_ = std::move(from.finished_passes);
  chain_.resume_from(std::move(from.image));
  for (size_t i = 0; i < index; ++i) work_done_ += work_of(passes_[i]);
  seconds_before_ = from.seconds;
}

PassReport Run::run_one(int index) {
  const Pass& pass = passes_[static_cast<size_t>(index)];
  pass_start_seconds_ = seconds();
  reset_device_peak(runtime_.device);
  PassReport report;
  report.pass = pass;
  observer_.on_pass_started(pass_started(static_cast<size_t>(index)));
  int iterations = pass.iterations;
  stop_.reset();
  if (from_ && from_->pass_is_over) {
    iterations = from_->pass.search.iterations;
    stop_ = from_->pass_stop_reason;
  }
  at::Tensor padded_content;
  std::optional<PassState> state = begin(index, padded_content);
  if (!state) return report;
  const MemoryPlan& plan = plans_[static_cast<size_t>(index)];
  report.memory = plan.estimate;
  report.plan = plan.summary;
  const StyleMasks style_masks(job_, pass.size, margin_px_);
  Objective objective(
      network_, job_.loss, pass.weights,
      content_term(job_, network_, padded_content, style_masks, plan.execution),
      style_terms(job_, network_, style_masks, style_targets_, pass.size_px, limit_bytes_),
      plan.execution);
  if (const int factor = downsample_factor(job_, pass.size_px, margin_px_); factor > 1) {
    objective.add_downsampled_loss(
        downsampled_objective(job_, network_, pass, factor, padded_content, margin_px_,
                              style_targets_, limit_bytes_),
        factor, margin_px_);
  }
  untouched_ = untouched_pixels(padded_content, style_masks, runtime_.device);
  if (untouched_) objective.keep(*untouched_);
  padded_content.reset();
  finish(index,
         run_pass(
             objective, std::move(*state), iterations, plan.optimizer,
             [&](const PassStep& step) { return report_step(index, step); },
             {[&] { return observer_.wants_checkpoint(observer_stopped_); },
              [&](const PassState& state_now) { offer_checkpoint(index, state_now); }},
             [&](const std::string& line) { report_once(line); }),
         report);
  return report;
}

std::optional<PassState> Run::begin(int index, at::Tensor& padded_content) {
  const Pass& pass = passes_[static_cast<size_t>(index)];
  const Image content = chain_.content_at(pass.size);
  padded_content = padded(content);
  if (from_) {
    PassState state = std::move(from_->pass);
    state.search.x = state.search.x.to(runtime_.device);
    if (state.search.best_x.defined()) {
      state.search.best_x = state.search.best_x.to(runtime_.device);
    }
    plateau_.restart(std::move(from_->best_losses));
    pass_start_seconds_ -= from_->pass_seconds;
    from_.reset();
    times_.begin_pass(static_cast<size_t>(index), seconds(),
                      static_cast<double>(state.search.iterations) / pass.iterations);
    return state;
  }
  plateau_.restart();
  times_.begin_pass(static_cast<size_t>(index), seconds());
  if (std::optional<PassState> final_state = std::exchange(final_state_, std::nullopt)) {
    return warm_start(std::move(*final_state));
  }
  Image start = chain_.start(content.size, content);
  if (pass.iterations == 0 || is_already_optimal(start, pass.size_px)) {
    chain_.finish_pass(with_untouched(job_, std::move(start), content));
    return std::nullopt;
  }
  return begin_pass(padded(start).to(runtime_.device));
}

void Run::finish(int index, PassResult result, PassReport& report) {
  if (next_continues_from(index, result.stop_reason)) final_state_ = std::move(result.final_state);
  // Otherwise the optimizer state would stay in memory beside the copies of the image made below.
  result.final_state = {};
  chain_.finish_pass(visible_image(result.image_rgb01));
  work_done_ += work_of(report.pass);
  report.stop_reason = stop_reason_of(result);
  report.evaluations = result.evaluations;
  report.first_loss = result.first_loss;
  report.last_loss = result.last_loss;
  report.last_terms = result.last_terms;
  report.seconds = pass_seconds();
  report.device_peak_bytes = device_memory(runtime_.device).peak - device_bytes_before_;
  observer_.on_pass_finished({index, result.last_loss, result.last_terms});
  const auto advice = total_variation_advice(result.last_terms);
  if (advice && index + 1 == static_cast<int>(passes_.size())) observer_.on_warning(*advice);
}

bool Run::next_continues_from(int index, StopReason reason) const {
  const size_t next = static_cast<size_t>(index) + 1;
  if (observer_stopped_ || next == passes_.size() || passes_[next].iterations == 0) return false;
  return have_one_objective(passes_[next - 1], passes_[next]) &&
         (reason == StopReason::kFinished || reason == StopReason::kInterrupted);
}

bool Run::is_already_optimal(const Image& start, int pass_px) const {
  if (job_.init.kind != InitKind::kContent || has_masks(job_)) return false;
  for (const Style& style : job_.styles) {
    const Size size = style_size(style, pass_px);
    if (style.blend > 0.0 && !nearly_same(resized(*style.image, size), start)) {
      return false;
    }
  }
  observer_.on_message("the content already is the style image: nothing to paint");
  return true;
}

at::Tensor Run::padded(const Image& image) const {
  return detail::with_margin(detail::tensor_from_image(image), margin_px_);
}

MemoryPlan Run::plan_at(int long_edge_px) const {
  const Size full_size = padded_size(long_edge_px);
  const int factor = downsample_factor(job_, long_edge_px, margin_px_);
  const std::int64_t downsampled =
      factor > 1 ? downsampled_bytes(job_, network_, full_size, factor, margin_px_) : 0;
  MemoryPlan plan = plan_memory(network_, full_size, job_.loss, job_.optimizer,
                                limit_bytes_ - downsampled, mask_bytes_per_pixel(job_));
  plan.estimate.image_bytes += downsampled;
  return plan;
}

void Run::refuse_size(size_t pass) const {
  constexpr int kSmallestPx = 16;
  const auto fits = [&](int size_px) { return plan_at(size_px).estimate.total() <= limit_bytes_; };
  SizeError::Facts facts;
  facts.asked_px = passes_[pass].size_px;
  facts.needed_bytes = plans_[pass].estimate.total();
  facts.available_bytes = limit_bytes_;
  facts.remedy = memory_remedy(limit_bytes_ * job_.jobs_at_once, runtime_.device);
  const std::string needed = memory_text(facts.needed_bytes);
  if (!fits(kSmallestPx)) {
    facts.reason = "needs " + needed + " beside the " + memory_text(held_bytes()) +
                   " that the program and its images take on " + runtime_.device.str();
    throw SizeError(facts);
  }
  facts.reason =
      "needs about " + needed + " but " + memory_left_text(limit_bytes_, job_, runtime_.device);
  facts.fitting_px = kSmallestPx;
  for (int step = facts.asked_px / 2; step > 0; step /= 2) {
    const int larger = facts.fitting_px + step;
    if (larger < facts.asked_px && fits(larger)) facts.fitting_px = larger;
  }
  throw SizeError(facts);
}

std::int64_t Run::held_bytes() const {
  if (!runtime_.device.is_cpu()) return 0;
  // The memory of a resumed state is already counted in the plan.
  return current_memory_bytes() - (from_ ? tensor_bytes(*from_) : 0);
}

void Run::report_once(const std::string& line) {
  if (line != reported_detail_) observer_.on_detail(line);
  reported_detail_ = line;
}

void Run::report_plan(const MemoryPlan& plan) {
  const std::int64_t held = held_bytes();
  observer_.on_message("memory: about " + memory_text(held + plan.estimate.total()) + " of " +
                       memory_text(held + limit_bytes_) + " (" + plan.summary + ")");
}

bool Run::report_step(int index, const PassStep& step) {
  const Pass& pass = passes_[static_cast<size_t>(index)];
  StepFinished event;
  event.pass_index = index;
  event.iteration = step.iteration;
  event.loss = step.loss;
  event.terms = *step.terms;
  event.fraction_done = (work_done_ + work_of(pass) * step.iteration / pass.iterations) / work_;
  event.seconds_since_start = seconds();
  observer_stopped_ = observer_.on_step_finished(event) == Continue::kStop;
  if (observer_.wants_image(event)) {
    observer_.on_image(event, finished(visible_image(*step.image_rgb01)));
  }
  if (plateau_.is_reached_with(step.loss)) {
    stop_ = StopReason::kPlateau;
  } else if (times_.is_up(seconds())) {
    stop_ = StopReason::kTimeLimit;
  }
  return !stop_ && !observer_stopped_;
}

void Run::offer_checkpoint(int index, const PassState& pass) {
  RunState state;
  state.pass_index = index;
  state.pass = pass;
  state.pass_is_over = stop_.has_value();
  state.pass_stop_reason = stop_.value_or(StopReason::kFinished);
  state.best_losses = plateau_.best_losses();
  state.image = chain_.image();
  state.finished_passes = finished_passes_;
  state.seconds = seconds();
  state.pass_seconds = pass_seconds();
  state.memory_left_bytes = limit_bytes_;
  observer_.on_checkpoint(checkpoint_of(state));
}

StopReason Run::stop_reason_of(const PassResult& result) {
  if (observer_stopped_) stop_reason_ = StopReason::kInterrupted;
  if (result.stop_reason == StopReason::kStationary) return StopReason::kStationary;
  if (result.restarts > kMinRestartsReported) {
    observer_.on_warning("the loss jumped or was not finite " + std::to_string(result.restarts) +
                         " times; each time the search went back to its best image");
  }
  if (result.stop_reason != StopReason::kDiverged) {
    return stop_.value_or(observer_stopped_ ? StopReason::kInterrupted : StopReason::kFinished);
  }
  observer_.on_warning("the loss stayed not finite; the best image so far is kept");
  stop_reason_ = StopReason::kDiverged;
  return StopReason::kDiverged;
}

Image Run::visible_image(const at::Tensor& image_rgb01) const {
  const at::Tensor image = untouched_ ? untouched_->laid_over(image_rgb01) : image_rgb01;
  return image_from_tensor(without_margin(image, margin_px_));
}

Image Run::finished(const Image& image) const { return detail::with_alpha_of(image, job_.content); }

PassStarted Run::pass_started(size_t index) const {
  const Pass& pass = passes_[index];
  const Size full_size = padded_size(pass.size_px);
  return {static_cast<int>(index), static_cast<int>(passes_.size()),
          pass.size.width_px,      pass.size.height_px,
          pass.iterations,         std::int64_t{full_size.width_px} * full_size.height_px};
}

Size Run::padded_size(int long_edge_px) const {
  const Size size = size_with_long_edge(job_.content.size, long_edge_px);
  return {size.width_px + 2 * margin_px_, size.height_px + 2 * margin_px_};
}

double Run::work_of(const Pass& pass) const {
  const Size full_size = padded_size(pass.size_px);
  return static_cast<double>(full_size.width_px) * full_size.height_px * pass.iterations;
}

std::vector<double> Run::pass_costs() const {
  const double target_steps = kTargetSteps * (1.0 + static_cast<double>(job_.styles.size()));
  std::vector<double> costs;
  for (const Pass& pass : passes_) {
    const Size full_size = padded_size(pass.size_px);
    const double step = expected_step_cost(std::int64_t{full_size.width_px} * full_size.height_px);
    costs.push_back(pass.iterations > 0 ? (pass.iterations + target_steps) * step : 0.0);
  }
  return costs;
}

double Run::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - start_time_).count();
}

}  // namespace styletransfer::detail
