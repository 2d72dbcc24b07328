#include "styletransfer/cyclegan_training.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "styletransfer/error.h"
#include "training/adversarial_losses.h"
#include "training/course.h"
#include "training/mixed_precision.h"
#include "training/option_bounds.h"
#include "training/photo_crops.h"
#include "training/picture_pool.h"
#include "training/rates.h"
#include "training/step_memory.h"
#include "training/untrained_networks.h"
#include "training/weight_adam.h"

namespace styletransfer {
namespace {

using detail::NamedTensors;
using torch::jit::Module;

/// As in the paper's program: squares of 256 pixels out of pictures of 286.
constexpr double kMostZoom = 286.0 / 256.0;
constexpr double kMomentum = 0.5;
constexpr std::uint64_t kPoolStream = 11;

Module generator(const CycleganShape& shape, std::uint64_t seed) {
  return detail::untrained_painter("CycleganGenerator",
                                   {.width = shape.width,
                                    .blocks = shape.blocks,
                                    .outer_kernel_px = 7,
                                    .last = detail::Activation::kTanh},
                                   seed);
}

at::Tensor to_signed(const at::Tensor& planes01) { return planes01 * 2.0 - 1.0; }
at::Tensor from_signed(const at::Tensor& planes) { return planes * 0.5 + 0.5; }

/// Parameters of two modules under one list of names.
NamedTensors both(const NamedTensors& first, const NamedTensors& second) {
  NamedTensors all;
  for (const auto& [name, tensor] : first) all["first." + name] = tensor;
  for (const auto& [name, tensor] : second) all["second." + name] = tensor;
  return all;
}

void set_learnt(const NamedTensors& parameters, bool is_learnt) {
  for (const auto& [name, tensor] : parameters) tensor.requires_grad_(is_learnt);
}

/// One network with its parameters.
struct Part {
  Part(Module made, c10::Device device)
      : module(std::move(made)), parameters((module.to(device), detail::parameters_of(module))) {}
  at::Tensor operator()(const at::Tensor& input) {
    return detail::run_network(module, input).to(at::kFloat);
  }
  Module module;
  NamedTensors parameters;
};

class CycleganTrainer {
 public:
  CycleganTrainer(const CycleganJob& job, const Runtime& runtime, TrainingObserver& observer,
                  const std::optional<TrainingState>& from)
      : job_(job),
        options_(job.options),
        runtime_(runtime),
        observer_(observer),
        a_to_b_(generator(options_.shape, 4 * options_.seed), runtime.device),
        b_to_a_(generator(options_.shape, 4 * options_.seed + 1), runtime.device),
        judge_a_(
            detail::untrained_judge("CycleganJudge", options_.shape.width, 4 * options_.seed + 2),
            runtime.device),
        judge_b_(
            detail::untrained_judge("CycleganJudge", options_.shape.width, 4 * options_.seed + 3),
            runtime.device),
        generators_(both(a_to_b_.parameters, b_to_a_.parameters)),
        judges_(both(judge_a_.parameters, judge_b_.parameters)),
        generator_adam_(generators_,
                        {.learning_rate = options_.learning_rate, .momentum = kMomentum}),
        judge_adam_(judges_, {.learning_rate = options_.learning_rate, .momentum = kMomentum}),
        pool_a_(options_.pool),
        pool_b_(options_.pool),
        course_(options_.limits) {
    if (from) go_on_from(*from);
  }

  CycleganResult run();

 private:
  struct Fakes {
    at::Tensor a;
    at::Tensor b;
  };

  void go_on_from(const TrainingState& from);
  [[nodiscard]] TrainingState state() const;
  /// Bytes left for photos. Throws UsageError when a step does not fit.
  [[nodiscard]] std::int64_t check_memory();
  /// The generators' gradients. Returns what they made, apart from the graph.
  Fakes translate(const at::Tensor& a, const at::Tensor& b, std::vector<LossTerm>& terms);
  /// Moves the judges.
  void learn_to_judge(const at::Tensor& a, const at::Tensor& b, const Fakes& fakes,
                      std::vector<LossTerm>& terms);
  [[nodiscard]] Image preview();
  std::optional<TrainingEnding> tell(const TrainingStep& step);

  const CycleganJob& job_;
  const CycleganOptions& options_;
  const Runtime& runtime_;
  TrainingObserver& observer_;
  Part a_to_b_;
  Part b_to_a_;
  Part judge_a_;
  Part judge_b_;
  NamedTensors generators_;
  NamedTensors judges_;
  detail::WeightAdam generator_adam_;
  detail::WeightAdam judge_adam_;
  detail::PicturePool pool_a_;
  detail::PicturePool pool_b_;
  detail::Course course_;
};

// Names in a saved state.
constexpr const char* kGenerators = "generators.";
constexpr const char* kJudges = "judges.";
constexpr const char* kGeneratorAdam = "generator_adam.";
constexpr const char* kJudgeAdam = "judge_adam.";
constexpr const char* kPoolA = "pool_a";
constexpr const char* kPoolB = "pool_b";

void CycleganTrainer::go_on_from(const TrainingState& from) {
  const int iteration = static_cast<int>(from.numbers.at("iteration"));
  course_ = detail::Course(options_.limits, iteration, from.numbers.at("seconds"));
  detail::copy_into(detail::tensors_under(kGenerators, from.tensors), generators_);
  detail::copy_into(detail::tensors_under(kJudges, from.tensors), judges_);
  generator_adam_.go_on(kGeneratorAdam, from.tensors, iteration);
  judge_adam_.go_on(kJudgeAdam, from.tensors, iteration);
  pool_a_.go_on(kPoolA, from.tensors, runtime_.device);
  pool_b_.go_on(kPoolB, from.tensors, runtime_.device);
}

TrainingState CycleganTrainer::state() const {
  TrainingState state;
  state.numbers = {{"iteration", course_.iteration()}, {"seconds", course_.seconds()}};
  for (const auto& [name, tensor] : generators_) {
    state.tensors[kGenerators + name] = tensor.detach();
  }
  for (const auto& [name, tensor] : judges_) state.tensors[kJudges + name] = tensor.detach();
  generator_adam_.keep(kGeneratorAdam, state.tensors);
  judge_adam_.keep(kJudgeAdam, state.tensors);
  pool_a_.keep(kPoolA, state.tensors);
  pool_b_.keep(kPoolB, state.tensors);
  return state;
}

std::int64_t CycleganTrainer::check_memory() {
  const detail::StepMemory step(both(generators_, judges_), [&](int size_px) {
    const at::Tensor grey = at::zeros({1, 3, size_px, size_px}, runtime_.device);
    std::vector<LossTerm> terms;
    static_cast<void>(translate(grey, grey, terms));
  });
  const auto bytes_of = [&](detail::TrainingExtent extent) {
    // Both pools are on the device too.
    constexpr std::int64_t kPixelBytes = 3 * sizeof(float);
    const std::int64_t side = extent.size_px;
    return step.bytes(extent.size_px, extent.batch) + 2 * options_.pool * kPixelBytes * side * side;
  };
  return detail::bytes_for_photos({options_.size_px}, bytes_of, options_.limits, runtime_,
                                  observer_);
}

CycleganTrainer::Fakes CycleganTrainer::translate(const at::Tensor& a, const at::Tensor& b,
                                                  std::vector<LossTerm>& terms) {
  using detail::adversarial_loss;
  using detail::distance_loss;
  using detail::Verdict;
  set_learnt(judges_, false);
  Fakes fakes;
  at::Tensor adversarial;
  at::Tensor cycle;
  at::Tensor identity;
  {
    const detail::MixedPrecision mixed(runtime_);
    fakes.b = a_to_b_(a);
    fakes.a = b_to_a_(b);
    adversarial = adversarial_loss(judge_b_(fakes.b), Verdict::kGenuine) +
                  adversarial_loss(judge_a_(fakes.a), Verdict::kGenuine);
    cycle = options_.cycle_weight *
            (distance_loss(b_to_a_(fakes.b), a) + distance_loss(a_to_b_(fakes.a), b));
    if (options_.identity_weight > 0.0) {
      identity = options_.cycle_weight * options_.identity_weight *
                 (distance_loss(a_to_b_(b), b) + distance_loss(b_to_a_(a), a));
    }
  }
  const at::Tensor loss = identity.defined() ? adversarial + cycle + identity : adversarial + cycle;
  loss.backward();
  set_learnt(judges_, true);
  terms.push_back({"adversarial", adversarial.item<double>()});
  terms.push_back({"cycle", cycle.item<double>()});
  if (identity.defined()) terms.push_back({"identity", identity.item<double>()});
  return {fakes.a.detach(), fakes.b.detach()};
}

void CycleganTrainer::learn_to_judge(const at::Tensor& a, const at::Tensor& b, const Fakes& fakes,
                                     std::vector<LossTerm>& terms) {
  detail::RandomSource random(options_.seed, kPoolStream,
                              static_cast<std::uint64_t>(course_.iteration()));
  const at::Tensor shown_a = pool_a_.exchange(fakes.a, random);
  const at::Tensor shown_b = pool_b_.exchange(fakes.b, random);
  at::Tensor loss;
  {
    const detail::MixedPrecision mixed(runtime_);
    loss = detail::judge_loss(judge_a_(a), judge_a_(shown_a)) +
           detail::judge_loss(judge_b_(b), judge_b_(shown_b));
  }
  loss.backward();
  judge_adam_.step();
  terms.push_back({"judges", loss.item<double>()});
}

Image CycleganTrainer::preview() {
  const at::NoGradGuard no_gradient;
  const auto row = [&](const std::string& path, Part& there, Part& back) {
    const Image picture = detail::middle_square(path, options_.size_px);
    const at::Tensor real = to_signed(detail::planes_of(picture).to(runtime_.device));
    const at::Tensor fake = there(real);
    return at::cat({real, fake, back(fake)}, 3);
  };
  return detail::image_of(from_signed(at::cat(
      {row(job_.a_paths.front(), a_to_b_, b_to_a_), row(job_.b_paths.front(), b_to_a_, a_to_b_)},
      2)));
}

std::optional<TrainingEnding> CycleganTrainer::tell(const TrainingStep& step) {
  const bool is_stopped = observer_.on_step(step) == Continue::kStop;
  if (!std::isfinite(step.loss)) return TrainingEnding::kDiverged;
  if (observer_.wants_preview(step)) observer_.on_preview(step, preview());
  if (observer_.wants_state()) observer_.on_state(state());
  return is_stopped ? std::optional(TrainingEnding::kStopped) : course_.ending();
}

CycleganResult CycleganTrainer::run() {
  detail::CropOptions crops{
      .size_px = options_.size_px, .seed = options_.seed, .most_zoom = kMostZoom};
  // For each kind; the other half is for the photos that are being decoded.
  crops.cache_bytes = std::min(crops.cache_bytes, check_memory() / 4);
  detail::PhotoCrops a_crops(job_.a_paths, crops, course_.iteration());
  // Another order, or pictures of the same number would always meet.
  crops.seed = ~options_.seed;
  detail::PhotoCrops b_crops(job_.b_paths, crops, course_.iteration());
  std::optional<TrainingEnding> ending = course_.ending();
  while (!ending) {
    const at::Tensor a = to_signed(a_crops.next()).to(runtime_.device);
    const at::Tensor b = to_signed(b_crops.next()).to(runtime_.device);
    for (auto* const crop : {&a_crops, &b_crops}) {
      for (const std::string& trouble : crop->take_troubles()) observer_.on_warning(trouble);
    }
    const double rate =
        options_.learning_rate * detail::constant_then_linear(course_.fraction_done());
    generator_adam_.set_learning_rate(rate);
    judge_adam_.set_learning_rate(rate);
    std::vector<LossTerm> terms;
    const Fakes fakes = translate(a, b, terms);
    generator_adam_.step();
    double loss = 0.0;
    for (const LossTerm& term : terms) loss += term.value;
    learn_to_judge(a, b, fakes, terms);
    ending = tell(course_.count(loss, std::move(terms)));
  }
  return {detail::copies_of(a_to_b_.parameters), detail::copies_of(b_to_a_.parameters), *ending,
          course_.iteration(), course_.seconds()};
}

}  // namespace

void CycleganOptions::validate() const {
  using detail::require_bound;
  detail::check_common_bounds(*this);
  require_bound(cycle_weight >= 0.0, "--cycle-weight", "0 or more");
  require_bound(identity_weight >= 0.0, "--identity-weight", "0 or more");
  require_bound(pool >= 0 && pool <= 10000, "--pool", "from 0 to 10000");
}

void save_cyclegan_generator(const CycleganShape& shape,
                             const std::map<std::string, at::Tensor>& weights,
                             const std::string& style, const std::string& training,
                             const std::string& path) {
  Module module = generator(shape, 0);
  detail::copy_into(weights, detail::parameters_of(module));
  detail::save_script_network(
      module, {kCycleganKind, "-1..1", detail::kPainterMultipleOf, style, training}, path);
}

CycleganResult train_cyclegan(const CycleganJob& job, const Runtime& runtime,
                              TrainingObserver& observer,
                              const std::optional<TrainingState>& from) {
  job.options.validate();
  if (job.a_paths.empty()) throw UsageError("no pictures of the first kind: give them with --a");
  if (job.b_paths.empty()) throw UsageError("no pictures of the second kind: give them with --b");
  return CycleganTrainer(job, runtime, observer, from).run();
}

}  // namespace styletransfer
