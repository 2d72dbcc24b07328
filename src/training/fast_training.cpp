#include "styletransfer/fast_training.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "detail/layer_lookup.h"
#include "detail/run.h"
#include "detail/style_targets.h"
#include "styletransfer/error.h"
#include "styletransfer/objective.h"
#include "training/best_weights.h"
#include "training/course.h"
#include "training/mixed_precision.h"
#include "training/option_bounds.h"
#include "training/photo_crops.h"
#include "training/rates.h"
#include "training/step_memory.h"
#include "training/untrained_networks.h"
#include "training/weight_adam.h"

namespace styletransfer {
namespace {

using detail::NamedTensors;

// Names in a saved state.
constexpr const char* kAdam = "adam.";

torch::jit::Module fast_network(const FastNetworkShape& shape, std::uint64_t seed) {
  return detail::untrained_painter("FastNetwork", {.width = shape.width, .blocks = shape.blocks},
                                   seed);
}

/// [1, 3, h, w] to the objective's [h, w, 3], apart from any graph.
at::Tensor pixels_of(const at::Tensor& planes) {
  return planes.detach().squeeze(0).permute({1, 2, 0}).contiguous();
}

/// What the network is asked for. The styles stay; the content is each photo in turn.
class PaintingAim {
 public:
  PaintingAim(const FastTrainingJob& job, const FeatureNetwork& features, const Runtime& runtime)
      : job_(job),
        features_(features),
        device_(runtime.device),
        style_(detail::StyleTargets().of(
            job.styles, job.loss, features, job.options.size_px,
            detail::memory_left(job.options.limits.memory_limit_bytes, runtime))) {}

  /// photo: [1, 3, h, w] on the device. Making one costs the photo's own look alone: the style's
  /// targets are shared.
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
              TrainingObserver& observer, std::optional<TrainingState> from)
      : job_(job),
        options_(job.options),
        runtime_(runtime),
        observer_(observer),
        features_(network, detail::compared_layers(job.loss), job.loss.pooling, runtime),
        aim_(job, features_, runtime),
        module_(fast_network(options_.shape, options_.seed)),
        parameters_((module_.to(runtime.device), detail::parameters_of(module_))),
        adam_(parameters_, {.learning_rate = options_.learning_rate}),
        shares_(detail::shared_out(job.photo_paths, options_.seed)),
        course_(options_.limits) {
    if (from) go_on_from(*from);
  }

  FastTrainingResult run();

 private:
  void go_on_from(const TrainingState& from);
  /// Moves the weights once. Returns the mean loss of the batch and its terms.
  std::pair<double, std::vector<LossTerm>> learn(const at::Tensor& photos);
  std::optional<TrainingEnding> tell(const TrainingStep& step);
  [[nodiscard]] at::Tensor painted(const at::Tensor& photo);
  /// Bytes left for photos. Throws UsageError when a step does not fit.
  [[nodiscard]] std::int64_t check_memory();
  [[nodiscard]] std::optional<TrainingEnding> check();
  void prepare_check();
  [[nodiscard]] TrainingState state() const;
  [[nodiscard]] FastTrainingResult result(TrainingEnding ending);

  const FastTrainingJob& job_;
  const FastTrainingOptions& options_;
  const Runtime& runtime_;
  TrainingObserver& observer_;
  FeatureNetwork features_;
  PaintingAim aim_;
  torch::jit::Module module_;
  NamedTensors parameters_;
  detail::WeightAdam adam_;
  detail::PhotoShares shares_;
  detail::Course course_;
  detail::BestWeights best_;
  int last_check_ = 0;
  std::vector<at::Tensor> held_out_;
  std::vector<Objective> held_out_aims_;
  double photo_loss_ = 0.0;
};

void FastTrainer::go_on_from(const TrainingState& from) {
  const auto number = [&](const char* name) { return from.numbers.at(name); };
  const int iteration = static_cast<int>(number("iteration"));
  course_ = detail::Course(options_.limits, iteration, number("seconds"));
  last_check_ = static_cast<int>(number("last_check"));
  detail::copy_into(from.tensors, parameters_);
  adam_.go_on(kAdam, from.tensors, iteration);
  best_.go_on(from);
}

TrainingState FastTrainer::state() const {
  TrainingState state;
  state.numbers = {{"iteration", course_.iteration()},
                   {"seconds", course_.seconds()},
                   {"last_check", last_check_}};
  for (const auto& [name, tensor] : parameters_) state.tensors[name] = tensor.detach();
  adam_.keep(kAdam, state.tensors);
  best_.keep(state);
  return state;
}

std::pair<double, std::vector<LossTerm>> FastTrainer::learn(const at::Tensor& photos) {
  at::Tensor painted;
  {
    const detail::MixedPrecision mixed(runtime_);
    painted = detail::run_network(module_, photos).to(at::kFloat);
  }
  const std::int64_t count = photos.size(0);
  const double share = 1.0 / static_cast<double>(count);
  at::Tensor gradient = at::empty_like(painted);
  double loss = 0.0;
  std::vector<LossTerm> terms;
  for (std::int64_t i = 0; i < count; ++i) {
    Objective objective = aim_.objective(photos.narrow(0, i, 1));
    const auto evaluation = objective.evaluate(pixels_of(painted.narrow(0, i, 1)));
    gradient[i].copy_(evaluation.gradient.permute({2, 0, 1}));
    loss += share * evaluation.loss;
    if (terms.empty()) terms.resize(objective.terms().size());
    for (std::size_t k = 0; k < terms.size(); ++k) {
      terms[k].name = objective.terms()[k].name;
      terms[k].value += share * objective.terms()[k].value;
    }
  }
  if (!std::isfinite(loss)) return {loss, terms};
  painted.backward(gradient.mul_(share));
  adam_.set_learning_rate(options_.learning_rate * detail::half_cosine(course_.fraction_done()));
  adam_.step();
  return {loss, terms};
}

at::Tensor FastTrainer::painted(const at::Tensor& photo) {
  return detail::run_network_only(module_, photo);
}

std::int64_t FastTrainer::check_memory() {
  const detail::StepMemory step(parameters_, [&](int size_px) {
    const detail::MixedPrecision mixed(runtime_);
    const at::Tensor grey = at::full({1, 3, size_px, size_px}, 0.5, aim_.device());
    const at::Tensor painted = detail::run_network(module_, grey).to(at::kFloat);
    painted.backward(at::zeros_like(painted));
  });
  const auto bytes_of = [&](detail::TrainingExtent extent) {
    const std::int64_t side = extent.size_px;
    // A photo with its content target: the one that is learnt from, and those held out.
    constexpr std::int64_t kPixelBytes = 3 * sizeof(float);
    std::int64_t photo = kPixelBytes * side * side;
    for (const std::string& layer : job_.loss.content_layers) {
      photo += features_.output_bytes(layer, side, side);
    }
    return step.bytes(extent.size_px, extent.batch) + features_.sweep_bytes(side, side, {}) +
           photo * static_cast<std::int64_t>(1 + shares_.held_out.size());
  };
  return detail::bytes_for_photos({options_.size_px, options_.batch}, bytes_of, options_.limits,
                                  runtime_, observer_);
}

void FastTrainer::prepare_check() {
  for (const std::string& path : shares_.held_out) {
    try {
      const Image photo = detail::middle_square(path, options_.size_px);
      held_out_.push_back(detail::planes_of(photo).to(aim_.device()));
    } catch (const Error& error) {
      observer_.on_warning(error.what());
    }
  }
  for (const at::Tensor& photo : held_out_) {
    held_out_aims_.push_back(aim_.objective(photo));
    photo_loss_ += held_out_aims_.back().value(pixels_of(photo));
  }
  if (held_out_.empty()) return;
  photo_loss_ /= static_cast<double>(held_out_.size());
}

std::optional<TrainingEnding> FastTrainer::check() {
  last_check_ = course_.iteration();
  if (held_out_.empty()) return std::nullopt;
  double loss = 0.0;
  for (std::size_t i = 0; i < held_out_.size(); ++i) {
    loss += held_out_aims_[i].value(pixels_of(painted(held_out_[i])));
  }
  loss /= static_cast<double>(held_out_.size());
  best_.judge(loss, parameters_);
  observer_.on_check({course_.iteration(), loss, best_.loss()});
  const bool is_stalled = options_.patience > 0 && best_.checks_since() >= options_.patience;
  return is_stalled ? std::optional(TrainingEnding::kStalled) : std::nullopt;
}

std::optional<TrainingEnding> FastTrainer::tell(const TrainingStep& step) {
  const bool is_stopped = observer_.on_step(step) == Continue::kStop;
  if (!std::isfinite(step.loss)) return TrainingEnding::kDiverged;
  std::optional<TrainingEnding> ending = course_.ending();
  if (step.iteration % options_.check_every == 0 || ending) {
    if (const auto stalled = check()) ending = stalled;
  }
  if (is_stopped) ending = TrainingEnding::kStopped;
  if (observer_.wants_preview(step)) {
    const std::string& path = (shares_.held_out.empty() ? shares_.learnt : shares_.held_out)[0];
    const at::Tensor photo = held_out_.empty()
                                 ? detail::planes_of(detail::middle_square(path, options_.size_px))
                                 : held_out_.front();
    const at::Tensor shown = photo.to(aim_.device());
    observer_.on_preview(step, detail::image_of(at::cat({shown, painted(shown)}, 3)));
  }
  if (observer_.wants_state()) observer_.on_state(state());
  return ending;
}

FastTrainingResult FastTrainer::run() {
  detail::CropOptions crop_options{
      .size_px = options_.size_px, .batch = options_.batch, .seed = options_.seed};
  // The other half is for the photo that is being decoded.
  crop_options.cache_bytes = std::min(crop_options.cache_bytes, check_memory() / 2);
  prepare_check();
  if (held_out_.empty()) {
    observer_.on_warning(
        "one photo cannot be held out: the last weights are kept, not the best ones; give more "
        "photos with --images");
  }
  detail::PhotoCrops crops(shares_.learnt, crop_options, course_.iteration());
  std::optional<TrainingEnding> ending = course_.ending();
  while (!ending) {
    const at::Tensor photos = crops.next().to(aim_.device());
    for (const std::string& trouble : crops.take_troubles()) observer_.on_warning(trouble);
    auto [loss, terms] = learn(photos);
    ending = tell(course_.count(loss, std::move(terms)));
  }
  return result(*ending);
}

FastTrainingResult FastTrainer::result(TrainingEnding ending) {
  FastTrainingResult result;
  // Stopped between two checks, the weights may have got better since the last one.
  if (last_check_ != course_.iteration() && ending != TrainingEnding::kDiverged) {
    static_cast<void>(check());
  }
  result.weights = best_.has_any() ? best_.weights() : detail::copies_of(parameters_);
  result.ending = ending;
  result.iterations = course_.iteration();
  result.seconds = course_.seconds();
  if (best_.has_any()) {
    result.held_out_loss = best_.loss();
    result.photo_loss = photo_loss_;
  }
  return result;
}

void validate_styles(const FastTrainingJob& job, const Network& network) {
  Job painting;
  painting.content = resized(*job.styles.front().image, {job.options.size_px, job.options.size_px});
  painting.styles = job.styles;
  painting.loss = job.loss;
  painting.margin_px = 0;
  painting.schedule.size_px = job.options.size_px;
  painting.schedule.passes = 1;
  painting.schedule.loss = job.loss.kind;
  validate(painting, network);
}

}  // namespace

void FastTrainingOptions::validate() const {
  using detail::require_bound;
  detail::check_common_bounds(*this);
  require_bound(batch >= 1 && batch <= 64, "--batch", "from 1 to 64");
  require_bound(check_every >= 1, "--check-every", "1 or more");
  require_bound(patience >= 0, "--patience", "0 or more");
}

void save_fast_network(const FastNetworkShape& shape,
                       const std::map<std::string, at::Tensor>& weights, const std::string& style,
                       const std::string& training, const std::string& path) {
  torch::jit::Module module = fast_network(shape, 0);
  detail::copy_into(weights, detail::parameters_of(module));
  detail::save_script_network(
      module, {kFastNetworkKind, "0..1", detail::kPainterMultipleOf, style, training}, path);
}

FastTrainingResult train_fast(const FastTrainingJob& job, const Network& network,
                              const Runtime& runtime, TrainingObserver& observer,
                              std::optional<TrainingState> from) {
  job.options.validate();
  if (job.styles.empty()) throw UsageError("no style picture: give at least one --style");
  if (job.photo_paths.empty()) throw UsageError("no photos to train on: give them with --images");
  validate_styles(job, network);
  return FastTrainer(job, network, runtime, observer, std::move(from)).run();
}

}  // namespace styletransfer
