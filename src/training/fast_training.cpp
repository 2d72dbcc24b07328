#include "styletransfer/fast_training.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/run.h"
#include "engine/style_target_cache.h"
#include "loss/objective.h"
#include "loss/targets.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"
#include "styletransfer/progress.h"
#include "styletransfer/runtime.h"
#include "training/best_checkpoint.h"
#include "training/common_bounds.h"
#include "training/crop_dataset.h"
#include "training/generator.h"
#include "training/lr_schedule.h"
#include "training/mixed_precision.h"
#include "training/training_checkpoint.h"
#include "training/training_memory.h"
#include "training/training_progress.h"
#include "training/weight_adam.h"
#include "vgg/features.h"
#include "vgg/layer_lookup.h"

namespace styletransfer {
namespace {

using detail::NamedTensors;

// Names in a checkpoint.
constexpr const char* kAdam = "adam.";

torch::jit::Module fast_network(const FastNetworkShape& shape, std::uint64_t seed) {
  return detail::make_generator("FastNetwork", {.width = shape.width, .blocks = shape.blocks},
                                seed);
}

/// Converts [1, 3, h, w] to the objective's [h, w, 3], detached.
at::Tensor pixels_of(const at::Tensor& planes) {
  return planes.detach().squeeze(0).permute({1, 2, 0}).contiguous();
}

/// Target of the training: fixed styles, with each photo as content in turn.
class StylizationTarget {
 public:
  StylizationTarget(const FastTrainingJob& job, const FeatureNetwork& features,
                    const Runtime& runtime)
      : job_(job),
        features_(features),
        device_(runtime.device),
        style_(detail::StyleTargets().of(
            job.styles, job.loss, features, job.options.size_px,
            detail::memory_left(job.options.limits.memory_limit_bytes, runtime))) {}

  /// photo: [1, 3, h, w] on the device. Costs a forward pass over the photo only: the style targets
  /// are shared.
  [[nodiscard]] Objective objective(const at::Tensor& photo) const {
    const ContentTarget content =
        content_target(features_, job_.loss.content_layers, pixels_of(photo));
    return {features_, job_.loss, job_.weights, content, style_};
  }

  [[nodiscard]] c10::Device device() const { return device_; }

 private:
  const FastTrainingJob& job_;
  const FeatureNetwork& features_;
  c10::Device device_;
  StyleTarget style_;
};

class FastTrainer {
 public:
  FastTrainer(const FastTrainingJob& job, const Network& network, const Runtime& runtime,
              Observer& observer, std::optional<Checkpoint> from)
      : job_(job),
        options_(job.options),
        runtime_(runtime),
        observer_(observer),
        features_(network, detail::compared_layers(job.loss), job.loss.pooling, runtime),
        target_(job, features_, runtime),
        module_(fast_network(options_.shape, options_.seed)),
        parameters_((module_.to(runtime.device), detail::parameters_of(module_))),
        adam_(parameters_, {.learning_rate = options_.learning_rate}),
        split_(detail::train_val_split(job.photo_paths, options_.seed)),
        progress_(options_.limits) {
    if (from) resume_from(detail::training_state_of(std::move(*from)));
  }

  FastTrainingResult run();

 private:
  void resume_from(const detail::TrainingState& from);
  /// Updates the weights once. Returns the mean loss of the batch and its terms.
  std::pair<double, std::vector<LossTerm>> train_step(const at::Tensor& photos);
  std::optional<StopReason> report(const StepFinished& step);
  [[nodiscard]] at::Tensor stylized(const at::Tensor& photo);
  /// Returns the bytes left for photos. Throws UsageError when a step does not fit.
  [[nodiscard]] std::int64_t check_memory();
  [[nodiscard]] std::optional<StopReason> check();
  void prepare_check();
  [[nodiscard]] Checkpoint checkpoint() const;
  [[nodiscard]] FastTrainingResult result(StopReason reason);

  const FastTrainingJob& job_;
  const FastTrainingOptions& options_;
  const Runtime& runtime_;
  Observer& observer_;
  FeatureNetwork features_;
  StylizationTarget target_;
  torch::jit::Module module_;
  NamedTensors parameters_;
  detail::WeightAdam adam_;
  detail::TrainValSplit split_;
  detail::TrainingProgress progress_;
  detail::BestCheckpoint best_;
  int last_check_ = 0;
  std::vector<at::Tensor> validation_;
  std::vector<Objective> validation_targets_;
  double photo_loss_ = 0.0;
};

void FastTrainer::resume_from(const detail::TrainingState& from) {
  const auto number = [&](const char* name) { return from.numbers.at(name); };
  const int iteration = static_cast<int>(number("iteration"));
  progress_ = detail::TrainingProgress(options_.limits, iteration, number("seconds"));
  last_check_ = static_cast<int>(number("last_check"));
  detail::copy_into(from.tensors, parameters_);
  adam_.restore(kAdam, from.tensors, iteration);
  best_.restore(from);
}

Checkpoint FastTrainer::checkpoint() const {
  detail::TrainingState state;
  state.numbers = {{"iteration", progress_.iteration()},
                   {"seconds", progress_.seconds()},
                   {"last_check", last_check_}};
  for (const auto& [name, tensor] : parameters_) state.tensors[name] = tensor.detach();
  adam_.save_to(kAdam, state.tensors);
  best_.save_to(state);
  return detail::checkpoint_of(std::move(state));
}

std::pair<double, std::vector<LossTerm>> FastTrainer::train_step(const at::Tensor& photos) {
  at::Tensor stylized;
  {
    const detail::MixedPrecision mixed(runtime_);
    stylized = detail::run_network(module_, photos).to(at::kFloat);
  }
  const std::int64_t count = photos.size(0);
  const double share = 1.0 / static_cast<double>(count);
  at::Tensor gradient = at::empty_like(stylized);
  double loss = 0.0;
  std::vector<LossTerm> terms;
  for (std::int64_t i = 0; i < count; ++i) {
    Objective objective = target_.objective(photos.narrow(0, i, 1));
    const auto evaluation = objective.evaluate(pixels_of(stylized.narrow(0, i, 1)));
    gradient[i].copy_(evaluation.gradient.permute({2, 0, 1}));
    loss += share * evaluation.loss;
    if (terms.empty()) terms.resize(objective.terms().size());
    for (std::size_t k = 0; k < terms.size(); ++k) {
      terms[k].name = objective.terms()[k].name;
      terms[k].value += share * objective.terms()[k].value;
    }
  }
  if (!std::isfinite(loss)) return {loss, terms};
  stylized.backward(gradient.mul_(share));
  adam_.set_learning_rate(options_.learning_rate * detail::half_cosine(progress_.fraction_done()));
  adam_.step();
  return {loss, terms};
}

at::Tensor FastTrainer::stylized(const at::Tensor& photo) {
  return detail::run_network_only(module_, photo);
}

std::int64_t FastTrainer::check_memory() {
  const detail::TrainingMemory step(parameters_, [&](int size_px) {
    const detail::MixedPrecision mixed(runtime_);
    const at::Tensor gray = at::full({1, 3, size_px, size_px}, 0.5, target_.device());
    const at::Tensor stylized = detail::run_network(module_, gray).to(at::kFloat);
    stylized.backward(at::zeros_like(stylized));
  });
  const auto bytes_of = [&](detail::TrainingExtent extent) {
    const std::int64_t side = extent.size_px;
    // A photo with its content target, for the training photo and for each validation photo.
    constexpr std::int64_t kPixelBytes = 3 * sizeof(float);
    std::int64_t photo = kPixelBytes * side * side;
    for (const std::string& layer : job_.loss.content_layers) {
      photo += features_.output_bytes(layer, side, side);
    }
    return step.bytes(extent.size_px, extent.batch) + features_.execution_bytes(side, side, {}) +
           photo * static_cast<std::int64_t>(1 + split_.validation.size());
  };
  return detail::bytes_for_photos({options_.size_px, options_.batch}, bytes_of, options_.limits,
                                  runtime_, observer_);
}

void FastTrainer::prepare_check() {
  for (const std::string& path : split_.validation) {
    try {
      const Image photo = detail::middle_square(path, options_.size_px);
      validation_.push_back(detail::planes_of(photo).to(target_.device()));
    } catch (const Error& error) {
      observer_.on_warning(error.message());
    }
  }
  for (const at::Tensor& photo : validation_) {
    validation_targets_.push_back(target_.objective(photo));
    photo_loss_ += validation_targets_.back().value(pixels_of(photo));
  }
  if (validation_.empty()) return;
  photo_loss_ /= static_cast<double>(validation_.size());
}

std::optional<StopReason> FastTrainer::check() {
  last_check_ = progress_.iteration();
  if (validation_.empty()) return std::nullopt;
  double loss = 0.0;
  for (std::size_t i = 0; i < validation_.size(); ++i) {
    loss += validation_targets_[i].value(pixels_of(stylized(validation_[i])));
  }
  loss /= static_cast<double>(validation_.size());
  best_.update(loss, parameters_);
  observer_.on_validation({progress_.iteration(), loss, best_.loss()});
  const bool is_stalled = options_.patience > 0 && best_.checks_since() >= options_.patience;
  return is_stalled ? std::optional(StopReason::kPlateau) : std::nullopt;
}

std::optional<StopReason> FastTrainer::report(const StepFinished& step) {
  const bool is_stopped = observer_.on_step_finished(step) == Continue::kStop;
  if (!std::isfinite(step.loss)) return StopReason::kDiverged;
  std::optional<StopReason> reason = progress_.stop_reason();
  if (step.iteration % options_.check_every == 0 || reason) {
    if (const auto stalled = check()) reason = stalled;
  }
  if (is_stopped) reason = StopReason::kInterrupted;
  if (observer_.wants_image(step)) {
    const std::string& path = (split_.validation.empty() ? split_.train : split_.validation)[0];
    const at::Tensor photo = validation_.empty()
                                 ? detail::planes_of(detail::middle_square(path, options_.size_px))
                                 : validation_.front();
    const at::Tensor input = photo.to(target_.device());
    observer_.on_image(step, detail::image_of(at::cat({input, stylized(input)}, 3)));
  }
  if (observer_.wants_checkpoint(is_stopped)) observer_.on_checkpoint(checkpoint());
  return reason;
}

FastTrainingResult FastTrainer::run() {
  detail::CropOptions crop_options{
      .size_px = options_.size_px, .batch = options_.batch, .seed = options_.seed};
  // The other half is for the photo that is being decoded.
  crop_options.cache_bytes = std::min(crop_options.cache_bytes, check_memory() / 2);
  progress_.announce(options_.size_px, observer_);
  prepare_check();
  if (validation_.empty()) {
    observer_.on_warning(
        "one photo cannot be held out: the last weights are kept, not the best ones; give more "
        "photos with " +
        option("images"));
  }
  detail::CropDataset crops(split_.train, crop_options, progress_.iteration());
  std::optional<StopReason> reason = progress_.stop_reason();
  while (!reason) {
    const at::Tensor photos = crops.next().to(target_.device());
    for (const std::string& problem : crops.take_problems()) observer_.on_warning(problem);
    auto [loss, terms] = train_step(photos);
    reason = report(progress_.count(loss, std::move(terms)));
  }
  return result(*reason);
}

FastTrainingResult FastTrainer::result(StopReason reason) {
  FastTrainingResult result;
  // If stopped between two checks, the weights may have improved since the last one.
  if (last_check_ != progress_.iteration() && reason != StopReason::kDiverged) {
    static_cast<void>(check());
  }
  result.weights = best_.has_any() ? best_.weights() : detail::copies_of(parameters_);
  result.stop_reason = reason;
  result.iterations = progress_.iteration();
  result.seconds = progress_.seconds();
  if (best_.has_any()) {
    result.validation_loss = best_.loss();
    result.photo_loss = photo_loss_;
  }
  return result;
}

void validate_styles(const FastTrainingJob& job, const Network& network) {
  Job run;
  run.content = resized(*job.styles.front().image, {job.options.size_px, job.options.size_px});
  run.styles = job.styles;
  run.loss = job.loss;
  run.margin_px = 0;
  run.schedule.size_px = job.options.size_px;
  run.schedule.passes = 1;
  run.schedule.loss = job.loss.kind;
  validate(run, network);
}

}  // namespace

void FastTrainingOptions::validate() const {
  detail::check_common_bounds(*this);
  require_within("batch", batch, kBatch);
  require_within("check_every", check_every, kCheckEvery);
  require_within("patience", patience, kPatience);
}

void save_fast_network(const FastNetworkShape& shape,
                       const std::map<std::string, at::Tensor>& weights, const std::string& style,
                       const std::string& training, const std::string& path) {
  torch::jit::Module module = fast_network(shape, 0);
  detail::copy_into(weights, detail::parameters_of(module));
  detail::save_script_network(
      module, {kFastNetworkKind, "0..1", detail::kGeneratorMultipleOf, style, training}, path);
}

FastTrainingResult train_fast(const FastTrainingJob& job, const Network& network,
                              const Runtime& runtime, Observer& observer,
                              std::optional<Checkpoint> from) {
  job.options.validate();
  if (job.styles.empty()) throw UsageError("no style image: give at least one " + option("style"));
  if (job.photo_paths.empty())
    throw UsageError("no photos to train on: give them with " + option("images"));
  validate_styles(job, network);
  return FastTrainer(job, network, runtime, observer, std::move(from)).run();
}

}  // namespace styletransfer
