#include "styletransfer/cyclegan_training.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "styletransfer/error.h"
#include "styletransfer/model.h"
#include "styletransfer/progress.h"
#include "styletransfer/runtime.h"
#include "training/adversarial_losses.h"
#include "training/common_bounds.h"
#include "training/crop_dataset.h"
#include "training/discriminator.h"
#include "training/generator.h"
#include "training/image_pool.h"
#include "training/lr_schedule.h"
#include "training/mixed_precision.h"
#include "training/training_checkpoint.h"
#include "training/training_memory.h"
#include "training/training_progress.h"
#include "training/weight_adam.h"

namespace styletransfer {
namespace {

using detail::NamedTensors;
using torch::jit::Module;

/// As in the paper's program: crops of 256 pixels from images of 286.
constexpr double kMaxZoom = 286.0 / 256.0;
constexpr double kMomentum = 0.5;
constexpr std::uint64_t kPoolStream = 11;

Module generator(const CycleganShape& shape, std::uint64_t seed) {
  return detail::make_generator("CycleganGenerator",
                                {.width = shape.width,
                                 .blocks = shape.blocks,
                                 .outer_kernel_px = 7,
                                 .last = detail::Activation::kTanh},
                                seed);
}

at::Tensor to_signed(const at::Tensor& planes01) { return planes01 * 2.0 - 1.0; }
at::Tensor from_signed(const at::Tensor& planes) { return planes * 0.5 + 0.5; }

/// Merges the parameters of two modules into one list.
NamedTensors both(const NamedTensors& first, const NamedTensors& second) {
  NamedTensors all;
  for (const auto& [name, tensor] : first) all["first." + name] = tensor;
  for (const auto& [name, tensor] : second) all["second." + name] = tensor;
  return all;
}

void set_trainable(const NamedTensors& parameters, bool is_trainable) {
  for (const auto& [name, tensor] : parameters) tensor.requires_grad_(is_trainable);
}

/// A network with its parameters.
struct TrainableNetwork {
  TrainableNetwork(Module made, c10::Device device)
      : module(std::move(made)), parameters((module.to(device), detail::parameters_of(module))) {}
  at::Tensor operator()(const at::Tensor& input) {
    return detail::run_network(module, input).to(at::kFloat);
  }
  Module module;
  NamedTensors parameters;
};

class CycleganTrainer {
 public:
  CycleganTrainer(const CycleganJob& job, const Runtime& runtime, Observer& observer,
                  std::optional<Checkpoint> from)
      : job_(job),
        options_(job.options),
        runtime_(runtime),
        observer_(observer),
        a_to_b_(generator(options_.shape, 4 * options_.seed), runtime.device),
        b_to_a_(generator(options_.shape, 4 * options_.seed + 1), runtime.device),
        discriminator_a_(detail::make_discriminator("CycleganJudge", options_.shape.width,
                                                    4 * options_.seed + 2),
                         runtime.device),
        discriminator_b_(detail::make_discriminator("CycleganJudge", options_.shape.width,
                                                    4 * options_.seed + 3),
                         runtime.device),
        generators_(both(a_to_b_.parameters, b_to_a_.parameters)),
        discriminators_(both(discriminator_a_.parameters, discriminator_b_.parameters)),
        generator_adam_(generators_,
                        {.learning_rate = options_.learning_rate, .momentum = kMomentum}),
        discriminator_adam_(discriminators_,
                            {.learning_rate = options_.learning_rate, .momentum = kMomentum}),
        pool_a_(options_.pool),
        pool_b_(options_.pool),
        progress_(options_.limits) {
    if (from) resume_from(detail::training_state_of(std::move(*from)));
  }

  CycleganResult run();

 private:
  struct Fakes {
    at::Tensor a;
    at::Tensor b;
  };

  void resume_from(const detail::TrainingState& from);
  [[nodiscard]] Checkpoint checkpoint() const;
  /// Returns the bytes left for photos. Throws UsageError when a step does not fit.
  [[nodiscard]] std::int64_t check_memory();
  /// Computes the generators' gradients. Returns the generated images, detached.
  Fakes translate(const at::Tensor& a, const at::Tensor& b, std::vector<LossTerm>& terms);
  /// Updates the discriminators.
  void train_discriminator(const at::Tensor& a, const at::Tensor& b, const Fakes& fakes,
                           std::vector<LossTerm>& terms);
  [[nodiscard]] Image preview();
  std::optional<StopReason> report(const StepFinished& step);

  const CycleganJob& job_;
  const CycleganOptions& options_;
  const Runtime& runtime_;
  Observer& observer_;
  TrainableNetwork a_to_b_;
  TrainableNetwork b_to_a_;
  TrainableNetwork discriminator_a_;
  TrainableNetwork discriminator_b_;
  NamedTensors generators_;
  NamedTensors discriminators_;
  detail::WeightAdam generator_adam_;
  detail::WeightAdam discriminator_adam_;
  detail::ImagePool pool_a_;
  detail::ImagePool pool_b_;
  detail::TrainingProgress progress_;
};

// Names in a checkpoint.
constexpr const char* kGenerators = "generators.";
constexpr const char* kDiscriminators = "judges.";
constexpr const char* kGeneratorAdam = "generator_adam.";
constexpr const char* kDiscriminatorAdam = "judge_adam.";
constexpr const char* kPoolA = "pool_a";
constexpr const char* kPoolB = "pool_b";

void CycleganTrainer::resume_from(const detail::TrainingState& from) {
  const int iteration = static_cast<int>(from.numbers.at("iteration"));
  progress_ = detail::TrainingProgress(options_.limits, iteration, from.numbers.at("seconds"));
  detail::copy_into(detail::tensors_under(kGenerators, from.tensors), generators_);
  detail::copy_into(detail::tensors_under(kDiscriminators, from.tensors), discriminators_);
  generator_adam_.restore(kGeneratorAdam, from.tensors, iteration);
  discriminator_adam_.restore(kDiscriminatorAdam, from.tensors, iteration);
  pool_a_.restore(kPoolA, from.tensors, runtime_.device);
  pool_b_.restore(kPoolB, from.tensors, runtime_.device);
}

Checkpoint CycleganTrainer::checkpoint() const {
  detail::TrainingState state;
  state.numbers = {{"iteration", progress_.iteration()}, {"seconds", progress_.seconds()}};
  for (const auto& [name, tensor] : generators_) {
    state.tensors[kGenerators + name] = tensor.detach();
  }
  for (const auto& [name, tensor] : discriminators_)
    state.tensors[kDiscriminators + name] = tensor.detach();
  generator_adam_.save_to(kGeneratorAdam, state.tensors);
  discriminator_adam_.save_to(kDiscriminatorAdam, state.tensors);
  pool_a_.save_to(kPoolA, state.tensors);
  pool_b_.save_to(kPoolB, state.tensors);
  return detail::checkpoint_of(std::move(state));
}

std::int64_t CycleganTrainer::check_memory() {
  const detail::TrainingMemory step(both(generators_, discriminators_), [&](int size_px) {
    const at::Tensor gray = at::zeros({1, 3, size_px, size_px}, runtime_.device);
    std::vector<LossTerm> terms;
    static_cast<void>(translate(gray, gray, terms));
  });
  const auto bytes_of = [&](detail::TrainingExtent extent) {
    // Both pools are on the device as well.
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
  set_trainable(discriminators_, false);
  Fakes fakes;
  at::Tensor adversarial;
  at::Tensor cycle;
  at::Tensor identity;
  {
    const detail::MixedPrecision mixed(runtime_);
    fakes.b = a_to_b_(a);
    fakes.a = b_to_a_(b);
    adversarial = adversarial_loss(discriminator_b_(fakes.b), Verdict::kReal) +
                  adversarial_loss(discriminator_a_(fakes.a), Verdict::kReal);
    cycle = options_.cycle_weight *
            (distance_loss(b_to_a_(fakes.b), a) + distance_loss(a_to_b_(fakes.a), b));
    if (options_.identity_weight > 0.0) {
      identity = options_.cycle_weight * options_.identity_weight *
                 (distance_loss(a_to_b_(b), b) + distance_loss(b_to_a_(a), a));
    }
  }
  const at::Tensor loss = identity.defined() ? adversarial + cycle + identity : adversarial + cycle;
  loss.backward();
  set_trainable(discriminators_, true);
  terms.push_back({"adversarial", adversarial.item<double>()});
  terms.push_back({"cycle", cycle.item<double>()});
  if (identity.defined()) terms.push_back({"identity", identity.item<double>()});
  return {fakes.a.detach(), fakes.b.detach()};
}

void CycleganTrainer::train_discriminator(const at::Tensor& a, const at::Tensor& b,
                                          const Fakes& fakes, std::vector<LossTerm>& terms) {
  detail::RandomSource random(options_.seed, kPoolStream,
                              static_cast<std::uint64_t>(progress_.iteration()));
  const at::Tensor pooled_a = pool_a_.exchange(fakes.a, random);
  const at::Tensor pooled_b = pool_b_.exchange(fakes.b, random);
  at::Tensor loss;
  {
    const detail::MixedPrecision mixed(runtime_);
    loss = detail::discriminator_loss(discriminator_a_(a), discriminator_a_(pooled_a)) +
           detail::discriminator_loss(discriminator_b_(b), discriminator_b_(pooled_b));
  }
  loss.backward();
  discriminator_adam_.step();
  terms.push_back({"judges", loss.item<double>()});
}

Image CycleganTrainer::preview() {
  const at::NoGradGuard no_gradient;
  const auto row = [&](const std::string& path, TrainableNetwork& there, TrainableNetwork& back) {
    const Image image = detail::middle_square(path, options_.size_px);
    const at::Tensor real = to_signed(detail::planes_of(image).to(runtime_.device));
    const at::Tensor fake = there(real);
    return at::cat({real, fake, back(fake)}, 3);
  };
  return detail::image_of(from_signed(at::cat(
      {row(job_.a_paths.front(), a_to_b_, b_to_a_), row(job_.b_paths.front(), b_to_a_, a_to_b_)},
      2)));
}

std::optional<StopReason> CycleganTrainer::report(const StepFinished& step) {
  const bool is_stopped = observer_.on_step_finished(step) == Continue::kStop;
  if (!std::isfinite(step.loss)) return StopReason::kDiverged;
  if (observer_.wants_image(step)) observer_.on_image(step, preview());
  if (observer_.wants_checkpoint(is_stopped)) observer_.on_checkpoint(checkpoint());
  return is_stopped ? std::optional(StopReason::kInterrupted) : progress_.stop_reason();
}

CycleganResult CycleganTrainer::run() {
  detail::CropOptions crops{
      .size_px = options_.size_px, .seed = options_.seed, .max_zoom = kMaxZoom};
  // A quarter for each domain; the other half is for the photos that are being decoded.
  crops.cache_bytes = std::min(crops.cache_bytes, check_memory() / 4);
  progress_.announce(options_.size_px, observer_);
  detail::CropDataset a_crops(job_.a_paths, crops, progress_.iteration());
  // A different order, otherwise images of the same index would always be paired.
  crops.seed = ~options_.seed;
  detail::CropDataset b_crops(job_.b_paths, crops, progress_.iteration());
  std::optional<StopReason> reason = progress_.stop_reason();
  while (!reason) {
    const at::Tensor a = to_signed(a_crops.next()).to(runtime_.device);
    const at::Tensor b = to_signed(b_crops.next()).to(runtime_.device);
    for (auto* const crop : {&a_crops, &b_crops}) {
      for (const std::string& problem : crop->take_problems()) observer_.on_warning(problem);
    }
    const double rate =
        options_.learning_rate * detail::constant_then_linear(progress_.fraction_done());
    generator_adam_.set_learning_rate(rate);
    discriminator_adam_.set_learning_rate(rate);
    std::vector<LossTerm> terms;
    const Fakes fakes = translate(a, b, terms);
    generator_adam_.step();
    double loss = 0.0;
    for (const LossTerm& term : terms) loss += term.value;
    train_discriminator(a, b, fakes, terms);
    reason = report(progress_.count(loss, std::move(terms)));
  }
  return {detail::copies_of(a_to_b_.parameters), detail::copies_of(b_to_a_.parameters), *reason,
          progress_.iteration(), progress_.seconds()};
}

}  // namespace

void CycleganOptions::validate() const {
  detail::check_common_bounds(*this);
  require_within("cycle_weight", cycle_weight, kWeight);
  require_within("identity_weight", identity_weight, kWeight);
  require_within("pool", pool, kPool);
}

void save_cyclegan_generator(const CycleganShape& shape,
                             const std::map<std::string, at::Tensor>& weights,
                             const std::string& style, const std::string& training,
                             const std::string& path) {
  Module module = generator(shape, 0);
  detail::copy_into(weights, detail::parameters_of(module));
  detail::save_script_network(
      module, {kCycleganKind, "-1..1", detail::kGeneratorMultipleOf, style, training}, path);
}

CycleganResult train_cyclegan(const CycleganJob& job, const Runtime& runtime, Observer& observer,
                              std::optional<Checkpoint> from) {
  job.options.validate();
  if (job.a_paths.empty())
    throw UsageError("no images of the first kind: give them with " + option("a"));
  if (job.b_paths.empty())
    throw UsageError("no images of the second kind: give them with " + option("b"));
  return CycleganTrainer(job, runtime, observer, std::move(from)).run();
}

}  // namespace styletransfer
