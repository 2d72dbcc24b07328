#include "detail/run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/byte_count.h"
#include "detail/arena.h"
#include "detail/device_memory.h"
#include "detail/loss_balance.h"
#include "detail/out_of_memory.h"
#include "detail/picture_tensor.h"
#include "detail/reduced_view.h"
#include "detail/regions.h"
#include "styletransfer/error.h"
#include "styletransfer/step_cost.h"
#include "styletransfer/too_large.h"

namespace styletransfer::detail {
namespace {

using Clock = std::chrono::steady_clock;

// A bold first step that has to be taken back is ordinary.
constexpr int kRescuesWorthAWord = 2;

// Looking at one picture for its targets, in steps.
constexpr double kLookSteps = 0.35;

/// Whether two passes search for the same picture, so that the second can go on with all that the
/// first has learnt: a fresh search would take its first steps too far and spend some on the way
/// back.
bool have_one_objective(const Pass& a, const Pass& b) {
  return a.size_px == b.size_px && a.content_weight == b.content_weight &&
         a.style_weight == b.style_weight && a.tv_weight == b.tv_weight;
}

}  // namespace

Run::Run(const Job& job, const FeatureNetwork& network, StyleTargets& style_targets,
         const Runtime& runtime, Observer& observer, std::optional<RunState> from)
    : job_(job),
      network_(network),
      style_targets_(style_targets),
      runtime_(runtime),
      observer_(observer),
      chain_(job),
      limit_bytes_(from ? from->memory_limit_bytes : memory_left(job, runtime)),
      margin_px_(job.margin_px.value_or(default_margin_px(job.loss.kind))),
      passes_(make_schedule(job.schedule, job.content.size)),
      times_(job.stopping.time_limit_seconds, pass_costs()),
      plateau_(job.stopping),
      device_bytes_before_(device_memory(runtime.device).in_use),
      from_(std::move(from)) {
  for (const Pass& pass : passes_) work_ += work_of(pass);
  plan();
  const std::size_t largest = largest_pass();
  if (passes_[largest].iterations == 0) return;
  // What the state itself holds is part of the plan.
  const std::int64_t state_bytes = from_ ? tensor_bytes(*from_) : 0;
  if (from_ && exceeds_memory(plans_[largest].estimate.total() - state_bytes, runtime)) {
    observer_.on_warning("less memory is free than in the interrupted run: planned again");
    limit_bytes_ = memory_left(job, runtime) + state_bytes;
    plan();
  }
  if (plans_[largest].estimate.total() > limit_bytes_) refuse_size(largest);
  tell_plan(plans_[largest]);
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
  for (size_t i = 0; i < passes_.size(); ++i) schedule.push_back(announced(i));
  observer_.on_schedule(schedule);
  warn_of_lost_styles();
  size_t first = 0;
  if (from_) {
    first = static_cast<size_t>(from_->pass_index);
    go_on_from(*from_);
  }
  for (size_t index = first; index < passes_.size() && ending_ == Ending::kFinished; ++index) {
    try {
      finished_passes_.push_back(run_one(static_cast<int>(index)));
      tensor_arena().give_back_free();
    } catch (const std::exception& error) {
      if (!detail::tells_of_memory(error) || !chain_.picture()) throw;
      ending_ = Ending::kOutOfMemory;
    }
  }
  Result result;
  result.image = finished(*chain_.picture());
  result.ending = ending_;
  result.passes = std::move(finished_passes_);
  return result;
}

/// By the last pass: a thin place may be lost in coarser ones only.
void Run::warn_of_lost_styles() const {
  if (!has_masks(job_)) return;
  const Size size = size_with_long_edge(job_.content.size, passes_.back().size_px);
  for (const size_t number : Places(job_, size, margin_px_).styles_without_place()) {
    observer_.on_warning("style " + std::to_string(number) +
                         " paints nowhere: other styles' masks, untouched or transparent pixels "
                         "cover its whole place; it is left out");
  }
}

void Run::go_on_from(RunState& from) {
  const auto index = static_cast<size_t>(from.pass_index);
  if (index >= passes_.size() || from.finished_passes.size() != index) {
    throw UsageError("the saved state belongs to another list of passes; start without it");
  }
  const Size worked = worked_size(passes_[index].size_px);
  if (from.pass.width != worked.width_px || from.pass.height != worked.height_px) {
    throw UsageError("the saved state belongs to another picture size; start without it");
  }
  finished_passes_ = std::move(from.finished_passes);
  chain_.go_on_from(std::move(from.picture));
  for (size_t i = 0; i < index; ++i) work_done_ += work_of(passes_[i]);
  seconds_before_ = from.seconds;
}

PassReport Run::run_one(int index) {
  const Pass& pass = passes_[static_cast<size_t>(index)];
  pass_start_seconds_ = seconds();
  reset_device_peak(runtime_.device);
  PassReport report;
  report.pass = pass;
  report.size = size_with_long_edge(job_.content.size, pass.size_px);
  observer_.on_pass_started(announced(static_cast<size_t>(index)));
  int iterations = pass.iterations;
  stop_.reset();
  if (from_ && from_->pass_is_over) {
    iterations = from_->pass.search.iterations;
    stop_ = from_->pass_ending;
  }
  at::Tensor wide_content;
  std::optional<PassState> state = begin(index, report.size, wide_content);
  if (!state) return report;
  const MemoryPlan& plan = plans_[static_cast<size_t>(index)];
  report.memory = plan.estimate;
  report.plan = plan.words;
  const Places places(job_, report.size, margin_px_);
  Objective objective(
      network_, job_.loss, {pass.content_weight, pass.style_weight, pass.tv_weight},
      content_aim(job_, network_, wide_content, places, plan.sweep),
      style_regions(job_, network_, places, style_targets_, pass.size_px, limit_bytes_),
      plan.sweep);
  if (const int factor = view_factor(job_, pass.size_px, margin_px_); factor > 1) {
    objective.also_judge_reduced(reduced_objective(job_, network_, pass, factor, wide_content,
                                                   margin_px_, style_targets_, limit_bytes_),
                                 factor, margin_px_);
  }
  kept_ = kept_places(wide_content, places, runtime_.device);
  if (kept_) objective.keep(*kept_);
  wide_content.reset();
  finish(index,
         run_pass(
             objective, std::move(*state), iterations, plan.optimizer,
             [&](const PassStep& step) { return tell(index, step); },
             {[&] { return observer_.wants_state(); },
              [&](const PassState& reached) { keep(index, reached); }},
             [&](const std::string& line) { tell_once(line); }),
         report);
  return report;
}

std::optional<PassState> Run::begin(int index, Size size, at::Tensor& wide_content) {
  const Pass& pass = passes_[static_cast<size_t>(index)];
  const Image content = chain_.content_at(size);
  wide_content = widened(content);
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
  if (std::optional<PassState> reached = std::exchange(reached_, std::nullopt)) {
    return carried_on(std::move(*reached));
  }
  Image start = chain_.start(content.size, content);
  if (pass.iterations == 0 || shows_every_style(start, pass.size_px)) {
    chain_.finish_pass(with_untouched(job_, std::move(start), content));
    return std::nullopt;
  }
  return begin_pass(widened(start).to(runtime_.device));
}

void Run::finish(int index, PassResult outcome, PassReport& report) {
  if (next_goes_on_from(index, outcome.ending)) reached_ = std::move(outcome.reached);
  // Else all that the search has learnt would lie beside the copies of its picture made from here.
  outcome.reached = {};
  chain_.finish_pass(shown(outcome.picture_rgb01));
  work_done_ += work_of(report.pass);
  report.ending = judge(outcome);
  report.evaluations = outcome.evaluations;
  report.first_loss = outcome.first_loss;
  report.last_loss = outcome.last_loss;
  report.last_terms = outcome.last_terms;
  report.seconds = pass_seconds();
  report.device_peak_bytes = device_memory(runtime_.device).peak - device_bytes_before_;
  observer_.on_pass_finished({index, outcome.last_loss, outcome.last_terms});
  const auto advice = smoothness_advice(outcome.last_terms);
  if (advice && index + 1 == static_cast<int>(passes_.size())) observer_.on_warning(*advice);
}

bool Run::next_goes_on_from(int index, MinimizeEnding ending) const {
  const size_t next = static_cast<size_t>(index) + 1;
  if (observer_stopped_ || next == passes_.size() || passes_[next].iterations == 0) return false;
  return have_one_objective(passes_[next - 1], passes_[next]) &&
         (ending == MinimizeEnding::kFinished || ending == MinimizeEnding::kStopped);
}

bool Run::shows_every_style(const Image& start, int pass_px) const {
  if (job_.init.kind != InitKind::kContent || has_masks(job_)) return false;
  for (const Style& style : job_.styles) {
    const Size size = style_size(style, pass_px);
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

MemoryPlan Run::plan_at(int long_edge_px) const {
  const Size worked = worked_size(long_edge_px);
  const int factor = view_factor(job_, long_edge_px, margin_px_);
  const std::int64_t reduced =
      factor > 1 ? reduced_bytes(job_, network_, worked, factor, margin_px_) : 0;
  MemoryPlan plan = plan_memory(network_, worked, job_.loss, job_.optimizer, limit_bytes_ - reduced,
                                place_bytes_a_pixel(job_));
  plan.estimate.picture_bytes += reduced;
  return plan;
}

void Run::refuse_size(size_t pass) const {
  constexpr int kSmallestPx = 16;
  const auto fits = [&](int size_px) { return plan_at(size_px).estimate.total() <= limit_bytes_; };
  const int asked = passes_[pass].size_px;
  const std::string needed = memory_in_words(plans_[pass].estimate.total());
  const std::string device = runtime_.device.str();
  const std::string remedy = memory_remedy(limit_bytes_ * job_.jobs_at_once, runtime_.device);
  if (!fits(kSmallestPx)) {
    throw TooLargeError(asked, 0,
                        "needs " + needed + " beside the " + memory_in_words(held_bytes()) +
                            " that the program and its pictures take on " + device,
                        remedy);
  }
  int fitting = kSmallestPx;
  for (int step = asked / 2; step > 0; step /= 2) {
    if (fitting + step < asked && fits(fitting + step)) fitting += step;
  }
  throw TooLargeError(asked, fitting,
                      "needs about " + needed + " but " + memory_in_words(limit_bytes_) +
                          " may be used on " + device,
                      remedy);
}

std::int64_t Run::held_bytes() const {
  if (!runtime_.device.is_cpu()) return 0;
  // What a saved state brought along is that of the plan.
  return current_memory_bytes() - (from_ ? tensor_bytes(*from_) : 0);
}

void Run::tell_once(const std::string& line) {
  if (line != told_detail_) observer_.on_detail(line);
  told_detail_ = line;
}

void Run::tell_plan(const MemoryPlan& plan) {
  const std::int64_t held = held_bytes();
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
  told.fraction_done = (work_done_ + work_of(pass) * step.iteration / pass.iterations) / work_;
  told.seconds_since_start = seconds();
  observer_stopped_ = observer_.on_step_finished(told) == Continue::kStop;
  if (observer_.wants_picture(told)) {
    observer_.on_picture(told, finished(shown(*step.picture_rgb01)));
  }
  if (plateau_.is_reached_with(step.loss)) {
    stop_ = PassEnding::kPlateau;
  } else if (times_.is_up(seconds())) {
    stop_ = PassEnding::kTimeLimit;
  }
  return !stop_ && !observer_stopped_;
}

void Run::keep(int index, const PassState& pass) {
  RunState state;
  state.pass_index = index;
  state.pass = pass;
  state.pass_is_over = stop_.has_value();
  state.pass_ending = stop_.value_or(PassEnding::kAllSteps);
  state.best_losses = plateau_.best_losses();
  state.picture = chain_.picture();
  state.finished_passes = finished_passes_;
  state.seconds = seconds();
  state.pass_seconds = pass_seconds();
  state.memory_limit_bytes = limit_bytes_;
  observer_.on_state(state);
}

PassEnding Run::judge(const PassResult& outcome) {
  if (observer_stopped_) ending_ = Ending::kStopped;
  if (outcome.ending == MinimizeEnding::kStationary) return PassEnding::kStationary;
  if (outcome.rescues > kRescuesWorthAWord) {
    observer_.on_warning("the loss jumped or was not finite " + std::to_string(outcome.rescues) +
                         " times; each time the search went back to its best picture");
  }
  if (outcome.ending != MinimizeEnding::kDiverged) {
    return stop_.value_or(observer_stopped_ ? PassEnding::kStopped : PassEnding::kAllSteps);
  }
  observer_.on_warning("the loss stayed not finite; the best picture so far is kept");
  ending_ = Ending::kDiverged;
  return PassEnding::kDiverged;
}

Image Run::shown(const at::Tensor& picture_rgb01) const {
  const at::Tensor picture = kept_ ? kept_->laid_over(picture_rgb01) : picture_rgb01;
  return image_from_tensor(without_margin(picture, margin_px_));
}

Image Run::finished(const Image& picture) const {
  return detail::with_alpha_of(picture, job_.content);
}

PassStarted Run::announced(size_t index) const {
  const Pass& pass = passes_[index];
  const Size size = size_with_long_edge(job_.content.size, pass.size_px);
  const Size worked = worked_size(pass.size_px);
  return {static_cast<int>(index), static_cast<int>(passes_.size()),
          size.width_px,           size.height_px,
          pass.iterations,         std::int64_t{worked.width_px} * worked.height_px};
}

Size Run::worked_size(int long_edge_px) const {
  const Size size = size_with_long_edge(job_.content.size, long_edge_px);
  return {size.width_px + 2 * margin_px_, size.height_px + 2 * margin_px_};
}

double Run::work_of(const Pass& pass) const {
  const Size worked = worked_size(pass.size_px);
  return static_cast<double>(worked.width_px) * worked.height_px * pass.iterations;
}

std::vector<double> Run::pass_costs() const {
  const double looks = kLookSteps * (1.0 + static_cast<double>(job_.styles.size()));
  std::vector<double> costs;
  for (const Pass& pass : passes_) {
    const Size worked = worked_size(pass.size_px);
    const double step = expected_step_cost(std::int64_t{worked.width_px} * worked.height_px);
    costs.push_back(pass.iterations > 0 ? (pass.iterations + looks) * step : 0.0);
  }
  return costs;
}

double Run::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - start_time_).count();
}

}  // namespace styletransfer::detail
