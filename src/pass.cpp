#include "styletransfer/pass.h"

#include <ATen/ATen.h>

#include <utility>

#include "detail/cuda_graph_library.h"
#include "detail/pixel_map.h"
#include "detail/pyramid.h"
#include "detail/recorded_evaluation.h"

namespace styletransfer {
namespace {

// Larger pictures keep a GPU busy for longer than their operations take to launch, and a record
// holds the memory of an evaluation for as long as the pass.
constexpr std::int64_t kRecordedPixels = std::int64_t{1} << 20;
// A record costs about three evaluations.
constexpr int kRecordedIterations = 20;

/// Empty where evaluations of the picture are not worth recording.
detail::GraphMaker graphs_for(const at::Tensor& picture, int iterations) {
  if (!picture.is_cuda() || iterations < kRecordedIterations) return {};
  if (picture.size(0) * picture.size(1) > kRecordedPixels) return {};
  return [index = picture.device().index()] { return detail::make_cuda_graph(index); };
}

}  // namespace

PassState begin_pass(const at::Tensor& start_rgb01) {
  PassState state;
  state.height = start_rgb01.size(0);
  state.width = start_rgb01.size(1);
  state.search.x = detail::free_from_pixels(start_rgb01);
  return state;
}

PassState carried_on(PassState reached) {
  reached.search = carried_on(std::move(reached.search));
  return reached;
}

PassResult run_pass(Objective& objective, PassState from, int iterations,
                    const OptimizerOptions& optimizer,
                    const std::function<bool(const PassStep&)>& watch,
                    const StateKeeper<PassState>& keeper,
                    const std::function<void(const std::string&)>& on_detail) {
  at::Tensor pixels = at::empty_like(from.search.x);
  const at::Tensor picture = pixels.view({from.height, from.width, 3});
  detail::RecordedEvaluation evaluation(
      objective, picture, graphs_for(picture, iterations), [&](const std::string& reason) {
        if (on_detail) on_detail("no CUDA graph, every operation is launched alone: " + reason);
      });
  const Function function = detail::on_free_numbers(
      [&](const at::Tensor& /*picture*/) { return evaluation.queue(); }, picture);
  const auto on_iteration = [&](const IterationSummary& summary) {
    if (summary.iteration == 1) from.first_loss = summary.value;
    const std::vector<LossTerm> terms = evaluation.terms();
    if (summary.value <= summary.best_value) from.last_terms = terms;
    return watch({summary.iteration, summary.value, &terms, &picture});
  };
  StateKeeper<MinimizeState> search_keeper;
  if (keeper.is_wanted) {
    search_keeper = {
        keeper.is_wanted, [&](const MinimizeState& search) {
          keeper.keep({from.height, from.width, search, from.first_loss, from.last_terms});
        }};
  }
  MinimizeResult minimum =
      minimize(function, std::move(from.search), iterations, optimizer, on_iteration, search_keeper,
               detail::pyramid_preconditioner(from.height, from.width));
  detail::pixels_from_free(minimum.x, pixels);
  PassResult result;
  result.picture_rgb01 = picture;
  result.ending = minimum.ending;
  result.evaluations = minimum.evaluations;
  result.rescues = minimum.rescues;
  result.first_loss = from.first_loss;
  result.last_loss = minimum.value;
  result.last_terms = from.last_terms;
  from.search = std::move(minimum.reached);
  result.reached = std::move(from);
  return result;
}

PassResult run_pass(Objective& objective, const at::Tensor& start_rgb01, int iterations,
                    const OptimizerOptions& optimizer,
                    const std::function<bool(const PassStep&)>& watch) {
  return run_pass(objective, begin_pass(start_rgb01), iterations, optimizer, watch);
}

}  // namespace styletransfer
