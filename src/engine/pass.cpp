#include "engine/pass.h"

#include <ATen/ATen.h>

#include <utility>

#include "device/cuda_graph_library.h"
#include "loss/recorded_evaluation.h"
#include "optim/bounded_pixels.h"
#include "optim/multiscale_preconditioner.h"

namespace styletransfer {
namespace {

// Evaluations of larger images take longer than their kernel launches, so CUDA graphs gain nothing,
// and a graph holds the memory of an evaluation as long as the pass.
constexpr std::int64_t kRecordedPixels = std::int64_t{1} << 20;
// Recording a CUDA graph costs about three evaluations.
constexpr int kRecordedIterations = 20;

/// Returns an empty GraphMaker if evaluations of the image are not worth recording.
detail::GraphMaker graphs_for(const at::Tensor& image, int iterations) {
  if (!image.is_cuda() || iterations < kRecordedIterations) return {};
  if (image.size(0) * image.size(1) > kRecordedPixels) return {};
  return [index = image.device().index()] { return detail::make_cuda_graph(index); };
}

}  // namespace

PassState begin_pass(const at::Tensor& start_rgb01) {
  PassState state;
  state.height = start_rgb01.size(0);
  state.width = start_rgb01.size(1);
  state.search.x = detail::unconstrained_from_pixels(start_rgb01);
  return state;
}

PassState warm_start(PassState final_state) {
  final_state.search = warm_start(std::move(final_state.search));
  return final_state;
}

PassResult run_pass(Objective& objective, PassState from, int iterations,
                    const OptimizerOptions& optimizer,
                    const std::function<bool(const PassStep&)>& watch,
                    const CheckpointCallback<PassState>& on_checkpoint,
                    const std::function<void(const std::string&)>& on_detail) {
  at::Tensor pixels = at::empty_like(from.search.x);
  const at::Tensor image = pixels.view({from.height, from.width, 3});
  detail::RecordedEvaluation evaluation(
      objective, image, graphs_for(image, iterations), [&](const std::string& reason) {
        if (on_detail) on_detail("no CUDA graph, every operation is launched alone: " + reason);
      });
  const Function function = detail::unconstrained_objective(
      [&](const at::Tensor& /*image*/) { return evaluation.queue(); }, image);
  const auto on_iteration = [&](const IterationSummary& summary) {
    if (summary.iteration == 1) from.first_loss = summary.value;
    const std::vector<LossTerm> terms = evaluation.terms();
    if (summary.value <= summary.best_value) from.last_terms = terms;
    return watch({summary.iteration, summary.value, &terms, &image});
  };
  CheckpointCallback<MinimizeState> on_search_checkpoint;
  if (on_checkpoint.is_wanted) {
    on_search_checkpoint = {
        on_checkpoint.is_wanted, [&](const MinimizeState& search) {
          on_checkpoint.store({from.height, from.width, search, from.first_loss, from.last_terms});
        }};
  }
  MinimizeResult minimum =
      minimize(function, std::move(from.search), iterations, optimizer, on_iteration,
               on_search_checkpoint, detail::multiscale_preconditioner(from.height, from.width));
  detail::pixels_from_unconstrained(minimum.x, pixels);
  PassResult result;
  result.image_rgb01 = image;
  result.stop_reason = minimum.stop_reason;
  result.evaluations = minimum.evaluations;
  result.restarts = minimum.restarts;
  result.first_loss = from.first_loss;
  result.last_loss = minimum.value;
  result.last_terms = from.last_terms;
  from.search = std::move(minimum.final_state);
  result.final_state = std::move(from);
  return result;
}

PassResult run_pass(Objective& objective, const at::Tensor& start_rgb01, int iterations,
                    const OptimizerOptions& optimizer,
                    const std::function<bool(const PassStep&)>& watch) {
  return run_pass(objective, begin_pass(start_rgb01), iterations, optimizer, watch);
}

}  // namespace styletransfer
