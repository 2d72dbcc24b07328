// Measures the engine on a generated image pair: one evaluation, its convolutions alone, the same
// loss with LibTorch's own operators and autograd, whole iterations, memory.
// Usage: engine_bench [--size N|WxH] [--precision P] [--threads N] [--device D] [--memory-limit GB]
// [--pass-bytes BYTES] [--history N] [--rounds N] [--warm-up N] [--no-reference]
// --pass-bytes: instead of --memory-limit, bytes per pixel for the pass without the optimizer's
// vectors; 0: runs the whole image, whatever that takes.
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "base/system/byte_count.h"
#include "cli/options/choices.h"
#include "device/caching_allocator.h"
#include "device/image_tensor.h"
#include "engine/memory_plan.h"
#include "loss/objective.h"
#include "loss/targets.h"
#include "optim/bounded_pixels.h"
#include "optim/multiscale_preconditioner.h"
#include "optim/optimizer.h"
#include "styletransfer/error.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/model.h"
#include "vgg/convolution.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

using detail::memory_text;

struct BenchOptions {
  Size size{512, 384};
  RuntimeOptions runtime;
  std::int64_t memory_limit_bytes = 0;
  std::optional<double> pass_bytes_a_pixel;
  int rounds = 20;
  bool reference = true;
  /// Evaluations before the timed ones.
  int warm_up = 2;
  OptimizerOptions optimizer;
};

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Median of several runs after a warm-up, in seconds.
double typical(int rounds, const Runtime& runtime, const std::function<void()>& work,
               int warm_up = 2) {
  const auto wait = [&] {
    if (runtime.device.is_cuda()) at::empty({1}, runtime.device).cpu();
  };
  std::vector<double> seconds;
  for (int round = -warm_up; round < rounds; ++round) {
    wait();
    const double start = now_seconds();
    work();
    wait();
    if (round >= 0) seconds.push_back(now_seconds() - start);
  }
  return median(seconds);
}

/// An image with edges, gradients and grain at every scale; different for every size.
at::Tensor test_image(Size size, double phase) {
  const at::Tensor y = at::linspace(0.0, 1.0, size.height_px).unsqueeze(1);
  const at::Tensor x = at::linspace(0.0, 1.0, size.width_px).unsqueeze(0);
  std::vector<at::Tensor> channels;
  for (int c = 0; c < 3; ++c) {
    at::Tensor wave = at::zeros({size.height_px, size.width_px});
    for (double f = 3.0; f < 200.0; f *= 1.9) {
      wave.add_(at::sin(x * (6.3 * f) + y * (4.1 * f) + (phase + c)), 0.2 / std::sqrt(f));
    }
    channels.push_back((wave + 0.5).clamp(0.02, 0.98));
  }
  at::Tensor image = at::stack(channels, 2);
  return (image + 0.05 * detail::tensor_from_image(detail::noise_image(size, 1)) - 0.025)
      .clamp(0.0, 1.0)
      .contiguous();
}

/// Seconds of the convolutions of one evaluation, forward and backward, by LibTorch alone.
double convolution_seconds(const Network& network, const BenchOptions& options,
                           const Runtime& runtime, const std::string& deepest) {
  double seconds = 0.0;
  std::int64_t height = options.size.height_px;
  std::int64_t width = options.size.width_px;
  bool first = true;
  for (const Layer& layer : network.layers) {
    if (layer.kind == LayerKind::kConvolution) {
      const auto dtype = first ? at::kFloat : runtime.feature_type;
      const detail::Convolution convolution(layer.weight, layer.bias, runtime.device, dtype,
                                            detail::Convolution::Form::kLibrary);
      const auto make = [&](std::int64_t channels) {
        return at::rand({1, channels, height, width},
                        at::TensorOptions().device(runtime.device).dtype(dtype))
            .contiguous(at::MemoryFormat::ChannelsLast);
      };
      const at::Tensor input = make(convolution.in_channels());
      const at::Tensor gradient = make(convolution.out_channels());
      const int rounds = options.rounds;
      const double forward =
          typical(rounds, runtime, [&] { (void)convolution.forward(input, false); });
      const double backward =
          typical(rounds, runtime, [&] { (void)convolution.backward_input(gradient); });
      // The engine does not use the first layer's float32 form if it has a better one.
      if (!first || runtime.feature_type == at::kFloat) seconds += forward + backward;
      first = false;
    } else if (layer.kind == LayerKind::kPool) {
      height /= 2;
      width /= 2;
    }
    if (layer.name == deepest) break;
  }
  return seconds;
}

/// The same loss with LibTorch's own operators and autograd.
class ReferenceEvaluation {
 public:
  ReferenceEvaluation(const Network& network, const LossOptions& loss, const Runtime& runtime)
      : network_(network), loss_(loss), runtime_(runtime) {
    bool first = true;
    for (const Layer& layer : network.layers) {
      if (layer.kind != LayerKind::kConvolution) continue;
      const auto dtype = first ? at::kFloat : runtime.feature_type;
      weights_.push_back(
          layer.weight.to(runtime.device, dtype).contiguous(at::MemoryFormat::ChannelsLast));
      biases_.push_back(layer.bias.to(runtime.device, dtype));
      first = false;
    }
  }

  void set_targets(const at::Tensor& content, const at::Tensor& style) {
    const at::NoGradGuard no_gradient;
    features(content, [&](const std::string& name, const at::Tensor& f) {
      if (contains(loss_.content_layers, name)) content_[name] = f;
    });
    features(style, [&](const std::string& name, const at::Tensor& f) {
      if (contains(loss_.style_layers, name)) grams_[name] = gram(f);
    });
  }

  at::Tensor gradient(const at::Tensor& image) {
    const at::Tensor x = image.clone().set_requires_grad(true);
    at::Tensor loss = at::zeros({}, image.options());
    features(x, [&](const std::string& name, const at::Tensor& f) {
      if (content_.count(name) > 0) {
        loss = loss + 5.0 * (f - content_.at(name)).to(at::kFloat).square().mean();
      }
      if (grams_.count(name) > 0) {
        loss = loss + 100.0 * (gram(f) - grams_.at(name)).square().mean();
      }
    });
    loss.backward();
    return x.grad();
  }

 private:
  static bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  static at::Tensor gram(const at::Tensor& features) {
    const at::Tensor rows = features.permute({0, 2, 3, 1}).flatten(0, 2);
    return at::mm(rows.t(), rows).to(at::kFloat) / static_cast<double>(rows.numel());
  }

  void features(const at::Tensor& image,
                const std::function<void(const std::string&, const at::Tensor&)>& see) {
    const InputConvention& input = network_.input;
    const at::Tensor mean = at::tensor(std::vector<double>(input.mean.begin(), input.mean.end()))
                                .to(image.options())
                                .view({1, 3, 1, 1});
    at::Tensor x = image.permute({2, 0, 1}).unsqueeze(0);
    x = ((input.bgr ? x.flip({1}) : x) * input.scale - mean)
            .contiguous(at::MemoryFormat::ChannelsLast);
    std::size_t convolution = 0;
    for (const Layer& layer : network_.layers) {
      if (layer.kind == LayerKind::kConvolution) {
        x = at::conv2d(x, weights_[convolution], biases_[convolution], 1, 1)
                .to(runtime_.feature_type);
        ++convolution;
      } else if (layer.kind == LayerKind::kRelu) {
        x = at::relu(x);
      } else {
        x = at::max_pool2d(x, 2, 2);
      }
      see(layer.name, x);
      if (layer.name == "relu5_1") return;
    }
  }

  const Network& network_;
  LossOptions loss_;
  const Runtime& runtime_;
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> biases_;
  std::map<std::string, at::Tensor> content_;
  std::map<std::string, at::Tensor> grams_;
};

/// The plan that the options ask for.
MemoryPlan plan_of(const BenchOptions& options, const FeatureNetwork& features,
                   const LossOptions& loss, const Runtime& runtime) {
  const auto within = [&](std::int64_t bytes) {
    return plan_memory(features, options.size, loss, options.optimizer, bytes);
  };
  if (options.pass_bytes_a_pixel) {
    const auto whole = estimate_memory(features, options.size, loss, {}, options.optimizer);
    if (*options.pass_bytes_a_pixel == 0.0) return {{}, options.optimizer, whole, "whole image"};
    const double pixels = static_cast<double>(options.size.width_px) * options.size.height_px;
    return within(whole.optimizer_bytes +
                  static_cast<std::int64_t>(*options.pass_bytes_a_pixel * pixels));
  }
  if (options.memory_limit_bytes == 0) return within(available_memory_bytes(runtime));
  return within(options.memory_limit_bytes -
                (runtime.device.is_cpu() ? current_memory_bytes() : 0));
}

/// Resets the peak memory of the process (Linux).
void restart_peak() {
  detail::tensor_allocator().release_free();
  std::ofstream("/proc/self/clear_refs") << "5";
}

/// Median seconds of an iteration, and of its part outside the evaluation: the optimizer and the
/// map between its variables and pixels.
struct StepSeconds {
  double whole = 0.0;
  double optimizer = 0.0;
};

/// The first iterations, which warm up caches and fill the history, are not counted.
StepSeconds step_seconds(Objective& objective, const at::Tensor& start, const Runtime& runtime,
                         const BenchOptions& options, const OptimizerOptions& optimizer) {
  const int warm_up = options.warm_up + std::min(options.rounds, optimizer.history);
  const auto now = [&] {
    if (runtime.device.is_cuda()) at::empty({1}, runtime.device).cpu();
    return now_seconds();
  };
  double evaluation = 0.0;
  const Function function = detail::unconstrained_objective(
      [&](const at::Tensor& image) {
        const double begin = now();
        Objective::QueuedEvaluation result = objective.queue_evaluation(image);
        evaluation = now() - begin;
        return result;
      },
      at::empty_like(start));
  std::vector<double> whole;
  std::vector<double> beside;
  double last = now();
  const auto watch = [&](const IterationSummary& summary) {
    const double end = now();
    if (summary.iteration > warm_up) {
      whole.push_back(end - last);
      beside.push_back(end - last - evaluation);
    }
    last = end;
    return true;
  };
  MinimizeState from;
  from.x = detail::unconstrained_from_pixels(start);
  (void)minimize(function, std::move(from), options.rounds + warm_up, optimizer, watch, {},
                 detail::multiscale_preconditioner(start.size(0), start.size(1)));
  return {median(whole), median(beside)};
}

void print_memory(const MemoryPlan& plan, double pixels, std::int64_t before,
                  std::int64_t evaluation_peak, std::int64_t peak) {
  std::printf("peak memory           %s in all, expected %s\n", memory_text(peak).c_str(),
              memory_text(before + plan.estimate.total()).c_str());
  const auto a_pixel = [&](std::int64_t bytes) { return static_cast<double>(bytes) / pixels; };
  std::printf(
      "bytes a pixel         %.0f for the pass, %.0f without the optimizer (expected %.0f)\n",
      a_pixel(peak - before), a_pixel(evaluation_peak - before),
      a_pixel(plan.estimate.execution_bytes + plan.estimate.image_bytes));
}

void measure(const BenchOptions& options) {
  const Runtime runtime = resolve_runtime(options.runtime);
  const double load_start = now_seconds();
  const Network network = load_network(find_network(""));
  LossOptions loss;
  loss.kind = LossKind::kClassic;
  std::vector<std::string> layers = loss.content_layers;
  layers.insert(layers.end(), loss.style_layers.begin(), loss.style_layers.end());
  const FeatureNetwork features(network, layers, Pooling::kMax, runtime);
  std::printf("%s\nnetwork loaded and prepared in %.2f s\n", runtime.description.c_str(),
              now_seconds() - load_start);

  at::Tensor style = test_image(options.size, 2.0).to(runtime.device);
  const StyleTarget targets =
      style_target(features, loss.style_layers, {{style, {}, 1.0}},
                   plan_forward(features, options.size, available_memory_bytes(runtime)));
  style.reset();
  const at::Tensor image = test_image(options.size, 0.0).to(runtime.device);
  restart_peak();
  const std::int64_t before = current_memory_bytes();
  const MemoryPlan plan = plan_of(options, features, loss, runtime);
  Objective objective(features, loss, default_weights(loss.kind),
                      content_target(features, loss.content_layers, image, plan.execution), targets,
                      plan.execution);
  const double evaluation = typical(
      options.rounds, runtime, [&] { (void)objective.evaluate(image); }, options.warm_up);
  const std::int64_t evaluation_peak = peak_memory_bytes();
  const StepSeconds step = step_seconds(objective, image, runtime, options, plan.optimizer);
  std::printf("size %dx%d, plan: %s\n", options.size.width_px, options.size.height_px,
              plan.summary.c_str());
  std::printf("evaluation            %8.1f ms\n", 1e3 * evaluation);
  std::printf("step                  %8.1f ms, %.2f steps a second\n", 1e3 * step.whole,
              1.0 / step.whole);
  std::printf("optimizer             %8.2f ms, %.1f %% of a step\n", 1e3 * step.optimizer,
              1e2 * step.optimizer / step.whole);
  print_memory(plan, static_cast<double>(options.size.width_px) * options.size.height_px, before,
               evaluation_peak, peak_memory_bytes());
  if (!options.reference) return;
  const double convolutions = convolution_seconds(network, options, runtime, "relu5_1");
  std::printf("convolutions alone    %8.1f ms; evaluation / convolutions = %.2f\n",
              1e3 * convolutions, evaluation / convolutions);
  ReferenceEvaluation reference(network, loss, runtime);
  reference.set_targets(image, image);
  const double plain =
      typical(std::min(options.rounds, 5), runtime, [&] { (void)reference.gradient(image); });
  std::printf("LibTorch's own calls  %8.1f ms; evaluation / that = %.2f\n", 1e3 * plain,
              evaluation / plain);
}

Size parse_pixels(const std::string& flag, const std::string& value) {
  const auto pixels = [&](const std::string& text) {
    return cli::parse_number(flag, text, Bounds<int>{16, 65536});
  };
  const auto x = value.find('x');
  const int width = pixels(value.substr(0, x));
  return {width, x == std::string::npos ? (width * 3 + 2) / 4 : pixels(value.substr(x + 1))};
}

BenchOptions parse(int argc, char** argv) {
  constexpr int kMax = 100000;
  constexpr double kMaxMemory = 1e6;
  BenchOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--no-reference") {
      options.reference = false;
      continue;
    }
    if (i + 1 >= argc) throw UsageError(flag + " needs a value");
    const std::string value = argv[++i];
    if (flag == "--size") {
      options.size = parse_pixels(flag, value);
    } else if (flag == "--precision") {
      options.runtime.precision = cli::parse_choice(flag, value, cli::kPrecisions);
    } else if (flag == "--threads") {
      options.runtime.threads = cli::parse_number(flag, value, Bounds<int>{1, 1024});
    } else if (flag == "--device") {
      options.runtime.device = value;
    } else if (flag == "--memory-limit") {
      options.memory_limit_bytes = static_cast<std::int64_t>(
          cli::parse_number(flag, value, Bounds<double>{0.0, kMaxMemory}) * 1e9);
    } else if (flag == "--pass-bytes") {
      options.pass_bytes_a_pixel = cli::parse_number(flag, value, Bounds<double>{0.0, kMaxMemory});
    } else if (flag == "--warm-up") {
      options.warm_up = cli::parse_number(flag, value, Bounds<int>{0, kMax});
    } else if (flag == "--history") {
      options.optimizer.history = cli::parse_number(flag, value, Bounds<int>{1, kMax});
    } else if (flag == "--rounds") {
      options.rounds = cli::parse_number(flag, value, Bounds<int>{1, kMax});
    } else {
      throw UsageError("unknown flag " + flag);
    }
  }
  return options;
}

}  // namespace
}  // namespace styletransfer

int main(int argc, char** argv) {
  try {
    styletransfer::measure(styletransfer::parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "engine_bench: " << error.what() << "\n";
    return 2;
  }
}
