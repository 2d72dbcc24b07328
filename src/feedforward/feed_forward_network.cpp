#include "styletransfer/feed_forward_network.h"

#include <ATen/ATen.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/system/byte_count.h"
#include "device/image_tensor.h"
#include "device/out_of_memory.h"
#include "engine/memory_budget.h"
#include "feedforward/network_file.h"
#include "feedforward/network_trace.h"
#include "feedforward/network_values.h"
#include "feedforward/strip_executor.h"
#include "feedforward/strip_plan.h"
#include "serialization/sandboxed_thread.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

using detail::refuse_network_file;

// Short side of the test images.
constexpr int kTestPx = 64;

// Bytes per pixel for input, output and their copies as images, beyond the network's own values.
constexpr std::int64_t kImageBytes = 48;

// Factor for temporaries of operations, when a network runs as a whole and little is known of it.
constexpr double kWholeMargin = 1.5;

std::string shape_text(const at::Tensor& tensor) {
  std::string text;
  for (const std::int64_t side : tensor.sizes()) {
    text += (text.empty() ? "[" : ", ") + std::to_string(side);
  }
  return text + "]";
}

template <typename T>
void take(std::optional<T>& field, const std::optional<T>& stronger) {
  if (stronger) field = stronger;
}

NetworkConvention resolved(const std::string& path, const ConventionClues& clues) {
  if (!clues.input_range) {
    refuse_network_file(path, "does not say what values it takes; add " +
                                  option("convention", "pytorch-examples") + ", " +
                                  option("convention", "cyclegan") + ", or " +
                                  option("input_range", "0..255") + ", 0..1 or -1..1");
  }
  NetworkConvention convention;
  convention.input_range = *clues.input_range;
  convention.output_range = clues.output_range.value_or(*clues.input_range);
  convention.bgr = clues.bgr.value_or(convention.bgr);
  convention.multiple_of = clues.multiple_of.value_or(convention.multiple_of);
  convention.mean = clues.mean.value_or(convention.mean);
  convention.stddev = clues.stddev.value_or(convention.stddev);
  return convention;
}

}  // namespace

ConventionClues ConventionClues::overridden_by(const ConventionClues& stronger) const {
  ConventionClues all = *this;
  take(all.input_range, stronger.input_range);
  take(all.output_range, stronger.output_range);
  take(all.bgr, stronger.bgr);
  take(all.multiple_of, stronger.multiple_of);
  take(all.mean, stronger.mean);
  take(all.stddev, stronger.stddev);
  return all;
}

ConventionClues convention_of_family(const std::string& name) {
  ConventionClues clues;
  clues.bgr = false;
  clues.multiple_of = 4;
  if (name == "pytorch-examples") {
    clues.input_range = clues.output_range = ValueRange::k0To255;
    return clues;
  }
  if (name == "cyclegan") {
    clues.input_range = clues.output_range = ValueRange::kMinus1To1;
    return clues;
  }
  throw UsageError("unknown convention '" + name + "'; choose pytorch-examples or cyclegan");
}

struct FeedForwardNetwork::Parts {
  std::string path;
  detail::FeedForwardFile file;
  NetworkConvention convention;
  c10::Device device{c10::kCPU};
  c10::ScalarType type = at::kFloat;
  /// Empty if the network runs only on whole images, for the reason in why_whole.
  detail::RowLayers layers{};
  std::string why_whole{};
  double whole_bytes_per_px = 0.0;

  [[nodiscard]] at::Tensor forward(const at::Tensor& input) {
    // Run the operations as written, so that the layers can be recognized in the trace.
    const torch::jit::GraphOptimizerEnabledGuard no_optimizer(false);
    return file.module.forward({input}).toTensor();
  }
  [[nodiscard]] at::Tensor test_input(Size min, int multiple_of) const;

  /// Throws UsageError if the network does not map an image whose sides are multiples of this to
  /// one of the same size.
  void test_on(int multiple_of);
  /// Returns the smallest multiple that works; 0 if none does.
  [[nodiscard]] int working_multiple();

  /// Recognizes the layers in the trace of a test run.
  void read_layers();
  void compare_layers();

  [[nodiscard]] detail::Extent input_extent(Size size) const;
  [[nodiscard]] std::int64_t bytes_for(Size size, std::int64_t limit_bytes) const;
  [[noreturn]] void refuse_size(Size size, std::int64_t limit_bytes) const;
  /// True: runs the network's own code on the whole image. False: runs its layers in strips.
  [[nodiscard]] bool runs_whole() const { return layers.empty(); }
  [[nodiscard]] at::Tensor in_strips(const at::Tensor& input, std::int64_t limit_bytes,
                                     const std::function<void(int, int)>& tick) const;

  /// Loads, tests and traces the network.
  void open(const detail::TorchScriptArchive& archive, NetworkTrust trust,
            const ConventionClues& asked, bool in_bfloat16);
};

/// Runs a network's code under its guard.
class FeedForwardNetwork::Runner {
 public:
  Runner(const std::string& path, const NetworkGuard& guard, const Runtime& runtime)
      : path_(path), guard_(guard) {
    const bool is_checked = guard.trust == NetworkTrust::kChecked;
    // On a GPU the sandbox is off: which files CUDA's libraries open while they compute is unknown.
    if (is_checked && runtime.device.is_cpu()) thread_.emplace(detail::Sandbox());
  }

  /// Returns the result of `work`, which must own everything that it uses. `memory_bytes`: 0 for no
  /// limit.
  template <typename Result>
  Result run(std::function<Result()> work, std::int64_t memory_bytes) {
    const auto result = std::make_shared<std::optional<Result>>();
    const auto store_result = [result, work = std::move(work)] {
      const c10::InferenceMode no_gradients;
      *result = work();
    };
    try {
      if (thread_) {
        thread_->set_memory_limit(memory_bytes);
        thread_->run(store_result, guard_.poll);
      } else {
        store_result();
      }
    } catch (const std::exception& error) {
      if (!thread_ || memory_bytes == 0 || !detail::is_out_of_memory(error)) throw;
      throw RunError("the network '" + path_ + "' asks for more than the " +
                     detail::memory_text(memory_bytes) + " of memory that it may use; lower " +
                     option("size") + " or raise " + option("memory_limit"));
    }
    return std::move(**result);
  }

  [[nodiscard]] const NetworkGuard& guard() const { return guard_; }

  [[nodiscard]] std::string protection() const {
    if (guard_.trust == NetworkTrust::kTrusted) return "none, it is trusted";
    const std::string checked = "its operations are checked";
    if (!thread_) return checked + "; on this device nothing else holds";
    const std::string limit =
        guard_.memory_bytes == 0
            ? ""
            : ", at most " + detail::memory_text(guard_.memory_bytes) + " of memory";
    if (thread_->protection().empty()) {
      return checked + limit + "; this kernel has neither Landlock nor filters of system calls";
    }
    return checked + ", " + thread_->protection() + limit;
  }

 private:
  std::string path_;
  NetworkGuard guard_;
  std::optional<detail::SandboxedThread> thread_;
};

/// Waves over the whole value range, without flat or repeated areas.
at::Tensor FeedForwardNetwork::Parts::test_input(Size min, int multiple_of) const {
  Size size = detail::rounded_up(min, multiple_of);
  // The two sides differ, so that a transposed output is detected.
  if (size.width_px == size.height_px) size.width_px += multiple_of;
  Image waves;
  waves.size = size;
  const auto count =
      static_cast<std::size_t>(size.width_px) * static_cast<std::size_t>(size.height_px);
  for (std::size_t i = 0; i < 3 * count; ++i) {
    waves.rgb01.push_back(0.5F + 0.5F * std::sin(0.37F * static_cast<float>(i % 1009)));
  }
  return detail::network_input(waves, convention).to(device, type);
}

void FeedForwardNetwork::Parts::test_on(int multiple_of) {
  const at::Tensor input = test_input({kTestPx, kTestPx}, multiple_of);
  at::Tensor output;
  try {
    output = forward(input);
  } catch (const std::exception& error) {
    if (detail::is_out_of_memory(error)) throw;
    throw UsageError("fails on an image " + shape_text(input) + " (" +
                     detail::last_error_text(error) + ")");
  }
  if (output.sizes() == input.sizes() && output.is_floating_point()) return;
  throw UsageError("gives " + shape_text(output) + " for an image " + shape_text(input) +
                   "; only networks that keep the size can be used");
}

int FeedForwardNetwork::Parts::working_multiple() {
  for (const int multiple : {2, 4, 8, 16, 32, 64, 128, 256}) {
    try {
      test_on(multiple);
      return multiple;
    } catch (const UsageError&) {
      continue;
    }
  }
  return 0;
}

void FeedForwardNetwork::Parts::read_layers() {
  const at::Tensor input = test_input({kTestPx, kTestPx}, convention.multiple_of);
  const auto trace =
      detail::trace_network([this](const at::Tensor& image) { return forward(image); }, input);
  whole_bytes_per_px = kWholeMargin *
                       static_cast<double>(detail::peak_value_bytes(trace, input.element_size())) /
                       static_cast<double>(input.size(2) * input.size(3));
  try {
    layers = detail::row_layers(trace);
  } catch (const UsageError& reason) {
    why_whole = reason.what();
    return;
  }
  if (type == at::kFloat) compare_layers();
}

void FeedForwardNetwork::Parts::compare_layers() {
  const at::Tensor input = test_input({kTestPx + 13, kTestPx + 30}, convention.multiple_of);
  const at::Tensor whole = forward(input);
  constexpr double kTolerance = 1e-4;
  constexpr std::int64_t kOddRows = 7;
  double error = 0.0;
  try {
    detail::StripPlan plan = detail::plan_strips(
        layers, {input.size(1), input.size(2), input.size(3)}, input.element_size(), 0);
    for (detail::StripPass& strip_pass : plan.passes) strip_pass.strip_rows = kOddRows;
    const at::Tensor actual = detail::run_in_strips(layers, plan, input, [](int, int) {});
    error = ((actual - whole).abs().max() / whole.abs().max().clamp_min(1e-12)).item<double>();
  } catch (const std::exception& problem) {
    if (detail::is_out_of_memory(problem)) throw;
    why_whole = "cannot be run in strips (" + detail::last_error_text(problem) + ")";
  }
  if (error > kTolerance) why_whole = "gives something else in strips";
  if (!why_whole.empty()) layers.clear();
}

detail::Extent FeedForwardNetwork::Parts::input_extent(Size size) const {
  const Size whole = detail::rounded_up(size, convention.multiple_of);
  return {3, whole.height_px, whole.width_px};
}

std::int64_t FeedForwardNetwork::Parts::bytes_for(Size size, std::int64_t limit_bytes) const {
  const detail::Extent input = input_extent(size);
  const std::int64_t images = kImageBytes * input.height * input.width;
  if (layers.empty()) {
    return images + static_cast<std::int64_t>(whole_bytes_per_px *
                                              static_cast<double>(input.height * input.width));
  }
  return images +
         detail::plan_strips(layers, input, c10::elementSize(type), limit_bytes - images).bytes;
}

void FeedForwardNetwork::Parts::refuse_size(Size size, std::int64_t limit_bytes) const {
  const int long_edge_px = std::max(size.width_px, size.height_px);
  int fitting = 0;
  for (int step = long_edge_px / 2; step > 0; step /= 2) {
    if (bytes_for(size_with_long_edge(size, fitting + step), 0) <= limit_bytes) fitting += step;
  }
  constexpr int kMinPx = 16;
  const Message more = detail::memory_remedy(limit_bytes, device);
  const Message size_text = option("size", std::to_string(fitting));
  const Message remedy =
      fitting < kMinPx ? "no size would fit: " + more : size_text + " would fit (or " + more + ")";
  throw UsageError("an image of " + std::to_string(size.width_px) + "x" +
                   std::to_string(size.height_px) + " needs about " +
                   detail::memory_text(bytes_for(size, 0)) + " in this network but " +
                   detail::memory_text(std::max<std::int64_t>(limit_bytes, 0)) +
                   " may be used on " + device.str() + "; " + remedy +
                   (why_whole.empty() ? "" : "; it cannot run in strips: it " + why_whole));
}

at::Tensor FeedForwardNetwork::Parts::in_strips(const at::Tensor& input, std::int64_t limit_bytes,
                                                const std::function<void(int, int)>& tick) const {
  const detail::StripPlan plan = detail::plan_strips(
      layers, {input.size(1), input.size(2), input.size(3)}, input.element_size(), limit_bytes);
  return detail::run_in_strips(layers, plan, input, tick);
}

void FeedForwardNetwork::Parts::open(const detail::TorchScriptArchive& archive, NetworkTrust trust,
                                     const ConventionClues& asked, bool in_bfloat16) {
  file = detail::load_network_file(path, archive, trust, device);
  convention = resolved(path, file.clues.overridden_by(asked));
  try {
    test_on(convention.multiple_of);
  } catch (const UsageError& problem) {
    const int multiple = convention.multiple_of == 1 ? working_multiple() : 0;
    refuse_network_file(path, multiple == 0 ? problem.message()
                                            : "takes only sizes that are multiples of " +
                                                  std::to_string(multiple) + "; add " +
                                                  option("multiple_of", std::to_string(multiple)));
  }
  read_layers();
  if (!in_bfloat16) return;
  type = at::kBFloat16;
  file.module.to(at::kBFloat16);
  if (!layers.empty()) read_layers();
}

FeedForwardNetwork::FeedForwardNetwork(const std::string& path, const ConventionClues& asked,
                                       const Runtime& runtime, bool in_bfloat16,
                                       const NetworkGuard& guard)
    : parts_(new Parts{path, {}, {}, runtime.device}) {
  const auto archive = std::make_shared<const detail::TorchScriptArchive>(
      detail::open_network_file(path, guard.trust));
  runner_ = std::make_unique<Runner>(path, guard, runtime);
  try {
    static_cast<void>(runner_->run<bool>(
        [parts = parts_, archive, trust = guard.trust, asked, in_bfloat16] {
          parts->open(*archive, trust, asked, in_bfloat16);
          return true;
        },
        guard.memory_bytes));
  } catch (const RunError& error) {
    // Nothing has been painted yet, so the network itself is unusable.
    throw UsageError(error.message());
  }
}

FeedForwardNetwork::~FeedForwardNetwork() = default;

const NetworkConvention& FeedForwardNetwork::convention() const { return parts_->convention; }
const std::string& FeedForwardNetwork::kind() const { return parts_->file.kind; }
const std::string& FeedForwardNetwork::why_whole_only() const { return parts_->why_whole; }
std::string FeedForwardNetwork::protection() const { return runner_->protection(); }

std::int64_t FeedForwardNetwork::min_memory_bytes(Size size) const {
  return parts_->bytes_for(size, 0);
}

NetworkOutput FeedForwardNetwork::paint(const Image& image, std::int64_t limit_bytes,
                                        const std::function<void(int, int)>& tick) const {
  const c10::InferenceMode no_gradients;
  Parts& parts = *parts_;
  const Size size = image.size;
  if (parts.bytes_for(size, limit_bytes) > limit_bytes) parts.refuse_size(size, limit_bytes);
  const std::int64_t images =
      kImageBytes * std::int64_t{size.width_px} * std::int64_t{size.height_px};
  at::Tensor output;
  try {
    const at::Tensor input =
        detail::network_input(detail::fill_transparent(image), parts.convention)
            .to(parts.device, parts.type);
    const std::function<void(int, int)> on_progress = tick ? tick : [](int, int) {};
    if (parts.runs_whole()) {
      const std::int64_t memory_bytes =
          runner_->guard().memory_bytes == 0 ? 0 : limit_bytes - images;
      output = runner_->run<at::Tensor>([owned = parts_, input] { return owned->forward(input); },
                                        memory_bytes);
      on_progress(1, 1);
    } else {
      output = parts.in_strips(input, limit_bytes - images, on_progress);
    }
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    if (detail::is_out_of_memory(error)) throw;
    throw RunError("the network '" + parts.path + "' fails on " + std::to_string(size.width_px) +
                   "x" + std::to_string(size.height_px) + " (" + detail::last_error_text(error) +
                   "); try another " + option("size"));
  }
  NetworkOutput result = detail::image_from_output(output, parts.convention, size);
  result.image = detail::with_alpha_of(std::move(result.image), image);
  return result;
}

}  // namespace styletransfer
