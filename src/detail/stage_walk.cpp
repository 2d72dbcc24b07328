#include "detail/stage_walk.h"

#include <ATen/ATen.h>

#include <iterator>
#include <string>
#include <utility>

#include "detail/feature_layout.h"
#include "detail/gradient_masks.h"
#include "detail/gram_integers.h"
#include "detail/kernels.h"

namespace styletransfer::detail {
namespace {

/// Puts rows where they belong; a picture in one piece needs no copy.
void keep_rows(const at::Tensor& rows, Rows own, int64_t height, FeaturePiece& piece) {
  if (own.count() == height) {
    piece.features = rows;
    return;
  }
  if (!piece.features.defined()) {
    piece.features = at::empty({height, rows.size(1), rows.size(2)}, rows.options());
  }
  piece.features.narrow(0, own.first, own.count()).copy_(rows);
}

}  // namespace

void Sight::show(const std::string& layer, const at::Tensor& features, int64_t first_row) const {
  const auto [first, last] = taps.equal_range(layer);
  for (auto tap = first; tap != last; ++tap) tap->second->accumulate(features, first_row);
}

at::Tensor Sight::gradient_matrix(const std::string& layer) const {
  const auto [first, last] = taps.equal_range(layer);
  const bool is_only_one = first != last && std::next(first) == last;
  return is_only_one ? first->second->gradient_matrix() : at::Tensor();
}

void StageWalk::remember(bool keeps_features, bool is_whole) {
  const auto options = at::TensorOptions().device(sight_.layers.device).dtype(sight_.layers.dtype);
  memory_.masks.resize(steps());
  const bool shares =
      is_whole && keeps_features && shares_features(sight_.layers.dtype, sight_.layers.device);
  if (shares) memory_.pooling.emplace();
  for (size_t step = 0; step < steps(); ++step) {
    if (!is_masked(step) || shares) continue;
    memory_.masks[step] =
        empty_mask(memory_.height, memory_.width, stage_.steps[step].conv->out_channels(), options);
  }
  if (keeps_features) memory_.kept.resize(steps());
}

at::Tensor StageWalk::mask_rows(size_t step, Rows rows) const {
  if (memory_.masks.empty() || memory_.pooling) return {};
  return memory_.masks[step].narrow(0, rows.first, rows.count());
}

at::Tensor StageWalk::input_rows(Rows rows) const {
  if (index_ > 0) return memory_.input.narrow(0, rows.first, rows.count());
  const at::Tensor pixels = sight_.image.narrow(0, rows.first, rows.count())
                                .to(sight_.layers.device, sight_.layers.pixel_dtype());
  return at::sub(pixels, sight_.layers.input_offset);
}

/// A step's output on the rows `wanted`, from its input's rows `have`, which go one row further.
StageWalk::StepResult StageWalk::run_step(size_t index, const at::Tensor& input, Rows have,
                                          Rows wanted, const at::Tensor& marks) const {
  const Step& step = stage_.steps[index];
  StepResult result;
  if (step.pixel_conv) {
    result.output = step.pixel_conv->forward_relu(sight_.image, sight_.layers.input_offset, wanted);
    if (marks.defined()) mark_positive(result.output, marks);
    return result;
  }
  const TileConvolution* tiles = step.conv->forward_on_tiles();
  if (tiles != nullptr && !step.conv_is_tapped) {
    ConvolutionFinish finish;
    finish.relu = step.has_relu();
    finish.marks = marks;
    result.output = tiles->run(StoredRows(input, have.first), wanted, memory_.width, finish);
    return result;
  }
  const auto dtype = sight_.layers.dtype;
  // Elsewhere than on the CPU a change of type is an operation of its own anyway.
  const bool folds_relu =
      step.has_relu() && !step.conv_is_tapped && (input.scalar_type() == dtype || !input.is_cpu());
  at::Tensor value = step.conv->forward(as_batch(input), folds_relu, have.first)
                         .narrow(2, wanted.first - have.first, wanted.count());
  if (step.conv_is_tapped) {
    value = value.to(dtype);
    result.conv_output = as_features(value);
  }
  value = step.has_relu() && !folds_relu ? relu_as(value, dtype) : value.to(dtype);
  result.output = as_features(value);
  if (marks.defined()) mark_positive(result.output, marks);
  return result;
}

void StageWalk::forward(Rows own, const at::Tensor& pooled) {
  Rows have = grown(own, steps());
  at::Tensor value;
  if (!stage_.steps.front().pixel_conv) value = input_rows(have);
  for (size_t step = 0; step < steps(); ++step) {
    if (is_pooled(step) && pools_on_the_way()) {
      stage_.steps[step].conv->forward_on_tiles()->run_pooled(
          StoredRows(value, have.first), own, memory_.width, sight_.layers.pool_kind, pooled,
          mask_rows(step, own));
      return;
    }
    const Rows wanted = grown(own, steps() - 1 - step);
    const bool is_marked = is_masked(step) && !is_pooled(step);
    const StepResult result =
        run_step(step, value, have, wanted, is_marked ? mask_rows(step, wanted) : at::Tensor());
    show_and_keep(step, result, own, wanted);
    if (is_marked && memory_.pooling) memory_.masks[step] = result.output;
    value = result.output;
    have = wanted;
  }
  if (stage_.has_pool()) pool(value, own, pooled);
}

void StageWalk::show_and_keep(size_t index, const StepResult& result, Rows own, Rows have) {
  const Step& step = stage_.steps[index];
  const auto own_rows = [&](const at::Tensor& rows) {
    return rows.narrow(0, own.first - have.first, own.count());
  };
  if (conv_is_tapped(index)) {
    const at::Tensor rows = own_rows(result.conv_output);
    sight_.show(step.conv_name, rows, own.first);
    if (!memory_.kept.empty()) {
      keep_rows(rows, own, memory_.height, memory_.kept[index].conv_output);
    }
  }
  if (relu_is_tapped(index)) {
    const at::Tensor rows = own_rows(result.output);
    sight_.show(step.relu_name, rows, own.first);
    if (!memory_.kept.empty()) keep_rows(rows, own, memory_.height, memory_.kept[index].output);
  }
}

void StageWalk::pool(const at::Tensor& features, Rows own, const at::Tensor& pooled) {
  if (pooled.size(0) == 0) return;
  const bool is_max = sight_.layers.pool_kind == PoolKind::kMax;
  if (memory_.pooling && is_max) memory_.pooling->indices = pool_with_indices(features, pooled);
  if (memory_.pooling && stage_.steps.back().has_relu()) {
    memory_.pooling->relu = is_max ? pooled : features;
  }
  if (memory_.pooling && is_max) return;
  if (memory_.masks.empty() || memory_.pooling) {
    pool_2x2(sight_.layers.pool_kind, features, pooled);
  } else {
    // Where a ReLU comes before, its own gradient would stop the same values later on.
    pool_and_mark(sight_.layers.pool_kind, features, stage_.steps.back().has_relu(), pooled,
                  mask_rows(steps() - 1, own));
  }
}

/// The features that taps look at, on the rows that the backward walk to the input's rows `own`
/// goes through.
std::vector<TappedFeatures> StageWalk::computed_again(Rows own) const {
  std::vector<TappedFeatures> tapped(steps());
  size_t last = steps();
  for (size_t step = 0; step < steps(); ++step) {
    if (conv_is_tapped(step) || relu_is_tapped(step)) last = step;
  }
  if (last == steps()) return tapped;
  Rows have = grown(own, 2 * last + 2);
  at::Tensor value;
  if (!stage_.steps.front().pixel_conv) value = input_rows(have);
  for (size_t step = 0; step <= last; ++step) {
    const Rows wanted = grown(own, 2 * last + 1 - step);
    const StepResult result = run_step(step, value, have, wanted, {});
    tapped[step].conv_output = {result.conv_output, wanted.first};
    if (relu_is_tapped(step)) tapped[step].output = {result.output, wanted.first};
    value = result.output;
    have = wanted;
  }
  return tapped;
}

at::Tensor StageWalk::backward(Rows own, const at::Tensor& upstream, const at::Tensor& gradient) {
  const std::vector<TappedFeatures> tapped =
      memory_.kept.empty() ? computed_again(own) : memory_.kept;
  const auto output_of = [&](size_t step) { return step == 0 ? gradient : at::Tensor(); };
  size_t step = steps();
  Passing passing;
  if (upstream.defined() && pools_on_the_way()) {
    --step;
    passing =
        convolve_back(step, UnpooledRows(sight_.layers.pool_kind, upstream, memory_.masks[step]),
                      grown(own, step), tapped, output_of(step));
  } else {
    passing = start(grown(own, steps()), upstream);
  }
  while (step-- > 0) {
    const Rows rows = grown(own, step + 1);
    const Rows wanted = grown(own, step);
    finish_step(step, rows, tapped[step], passing);
    const Step& here = stage_.steps[step];
    if (here.pixel_conv) {
      at::Tensor result =
          gradient.defined() ? gradient : at::empty({own.count(), memory_.width, 3}, at::kFloat);
      here.pixel_conv->backward_input(passing.gradient, rows.first, own, result);
      return result;
    }
    if (here.conv->backward_on_tiles() != nullptr) {
      passing = convolve_back(step, StoredRows(passing.gradient, rows.first), wanted, tapped,
                              output_of(step));
      continue;
    }
    const bool is_first = index_ == 0 && step == 0;
    const auto dtype = is_first ? sight_.layers.pixel_dtype() : sight_.layers.dtype;
    const at::Tensor whole =
        here.conv->backward_input(as_batch(passing.gradient.to(dtype)), rows.first);
    passing = {as_features(whole.narrow(2, wanted.first - rows.first, wanted.count())), false};
  }
  if (!gradient.defined() || passing.gradient.is_same(gradient)) return passing.gradient;
  gradient.copy_(passing.gradient);
  return gradient;
}

/// The gradient of the last step's output on these rows.
StageWalk::Passing StageWalk::start(Rows rows, const at::Tensor& upstream) const {
  const auto options = at::TensorOptions().device(sight_.layers.device).dtype(sight_.layers.dtype);
  const std::vector<int64_t> shape{rows.count(), memory_.width, out_channels()};
  if (!upstream.defined()) return {at::zeros(shape, options), false};
  Passing passing{at::empty(shape, options), false};
  if (memory_.pooling) {
    unpool_whole(sight_.layers.pool_kind, upstream, *memory_.pooling, passing.gradient);
  } else {
    unpool(sight_.layers.pool_kind, upstream, memory_.masks.back(), rows.first, passing.gradient);
  }
  passing.is_finished = stage_.steps.back().has_relu() && !relu_is_tapped(steps() - 1);
  return passing;
}

/// The gradient of a step's input on the rows `wanted`, on tiles.
StageWalk::Passing StageWalk::convolve_back(size_t step, const FeatureRows& from, Rows wanted,
                                            const std::vector<TappedFeatures>& tapped,
                                            const at::Tensor& output) const {
  ConvolutionFinish finish = step > 0 ? finish_at(step - 1, wanted, tapped) : ConvolutionFinish();
  finish.output = output;
  const bool is_finished = finish.mask.defined() || finish.features.defined();
  return {stage_.steps[step].conv->backward_on_tiles()->run(from, wanted, memory_.width, finish),
          is_finished};
}

/// What a convolution on tiles can do besides for the features it goes back to: all or nothing.
ConvolutionFinish StageWalk::finish_at(size_t index, Rows rows,
                                       const std::vector<TappedFeatures>& tapped) const {
  const Step& step = stage_.steps[index];
  ConvolutionFinish finish;
  if (!step.has_relu()) return finish;
  if (!sight_.is_tapped(step.relu_name)) {
    finish.mask = mask_rows(index, rows);
  } else {
    finish.factor = sight_.gradient_matrix(step.relu_name);
    if (finish.factor.defined()) finish.features = tapped[index].output.rows(rows);
  }
  return finish;
}

/// The ReLU's gradient and what the step's taps ask for, as far as they are not accounted for.
void StageWalk::finish_step(size_t index, Rows rows, const TappedFeatures& tapped,
                            Passing& passing) const {
  const Step& step = stage_.steps[index];
  if (step.has_relu() && !passing.is_finished) {
    if (relu_is_tapped(index)) {
      add_tap_gradients(step.relu_name, tapped.output.rows(rows), rows.first, true,
                        passing.gradient);
    } else {
      pass_(passing.gradient, memory_.pooling ? memory_.masks[index] : mask_rows(index, rows));
    }
  }
  if (conv_is_tapped(index)) {
    add_tap_gradients(step.conv_name, tapped.conv_output.rows(rows), rows.first, false,
                      passing.gradient);
  }
}

/// With `through_relu` the last of the taps applies the ReLU's gradient.
void StageWalk::add_tap_gradients(const std::string& layer, const at::Tensor& features,
                                  int64_t first_row, bool through_relu,
                                  at::Tensor& gradient) const {
  if (sight_.layers.multiplies_int16 && gram_integers_usable(features)) {
    const at::Tensor factor = sight_.gradient_matrix(layer);
    if (factor.defined()) {
      at::Tensor rows = gradient.flatten(0, 1);
      add_gram_gradient_in_int16_(rows, features.flatten(0, 1), factor, through_relu);
      return;
    }
  }
  const auto [first, last] = sight_.taps.equal_range(layer);
  for (auto tap = first; tap != last; ++tap) {
    tap->second->add_gradient(features, first_row, through_relu && std::next(tap) == last,
                              gradient);
  }
}

}  // namespace styletransfer::detail
