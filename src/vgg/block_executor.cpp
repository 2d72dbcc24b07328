#include "vgg/block_executor.h"

#include <ATen/ATen.h>

#include <iterator>
#include <string>
#include <utility>

#include "kernels/activation_masks.h"
#include "kernels/elementwise.h"
#include "kernels/feature_layout.h"
#include "kernels/winograd/gram_int16.h"

namespace styletransfer::detail {
namespace {

/// Stores the rows `own` of a layer of `height` rows; for a whole image without copying.
void store_rows(const at::Tensor& rows, Rows own, int64_t height, FeaturePiece& piece) {
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

void ForwardContext::call_hooks(const std::string& layer, const at::Tensor& features,
                                int64_t first_row) const {
  const auto [first, last] = hooks.equal_range(layer);
  for (auto hook = first; hook != last; ++hook) hook->second->accumulate(features, first_row);
}

at::Tensor ForwardContext::gradient_matrix(const std::string& layer) const {
  const auto [first, last] = hooks.equal_range(layer);
  const bool is_only_one = first != last && std::next(first) == last;
  return is_only_one ? first->second->gradient_matrix() : at::Tensor();
}

void BlockExecutor::allocate_saved(bool keeps_activations, bool is_whole) {
  const auto options =
      at::TensorOptions().device(context_.layers.device).dtype(context_.layers.dtype);
  saved_.masks.resize(steps());
  const bool shares = is_whole && keeps_activations &&
                      shares_features(context_.layers.dtype, context_.layers.device);
  if (shares) saved_.pooling.emplace();
  for (size_t step = 0; step < steps(); ++step) {
    if (!is_masked(step) || shares) continue;
    saved_.masks[step] =
        empty_mask(saved_.height, saved_.width, block_.steps[step].conv->out_channels(), options);
  }
  if (keeps_activations) saved_.hooked_features.resize(steps());
}

at::Tensor BlockExecutor::mask_rows(size_t step, Rows rows) const {
  if (saved_.masks.empty() || saved_.pooling) return {};
  return saved_.masks[step].narrow(0, rows.first, rows.count());
}

at::Tensor BlockExecutor::input_rows(Rows rows) const {
  if (index_ > 0) return saved_.input.narrow(0, rows.first, rows.count());
  const at::Tensor pixels = context_.image.narrow(0, rows.first, rows.count())
                                .to(context_.layers.device, context_.layers.pixel_dtype());
  return at::sub(pixels, context_.layers.input_offset);
}

/// Computes the rows `wanted` of a step's output from the rows `have` of its input, which include
/// one row of halo. marks: the mask to fill, or undefined.
BlockExecutor::StepResult BlockExecutor::run_step(size_t index, const at::Tensor& input, Rows have,
                                                  Rows wanted, const at::Tensor& marks) const {
  const ConvRelu& step = block_.steps[index];
  StepResult result;
  if (step.pixel_conv) {
    result.output =
        step.pixel_conv->forward_relu(context_.image, context_.layers.input_offset, wanted);
    if (marks.defined()) make_relu_mask(result.output, marks);
    return result;
  }
  const AmxConvolution* tiles = step.conv->forward_amx();
  if (tiles != nullptr && !step.conv_has_hook) {
    ConvolutionEpilogue epilogue;
    epilogue.relu = step.has_relu();
    epilogue.marks = marks;
    result.output = tiles->run(StoredRows(input, have.first), wanted, saved_.width, epilogue);
    return result;
  }
  const auto dtype = context_.layers.dtype;
  // The ReLU is fused into the convolution unless a hook needs the value before it, or (on the CPU)
  // relu_as() can apply it during the conversion to `dtype`.
  const bool folds_relu =
      step.has_relu() && !step.conv_has_hook && (input.scalar_type() == dtype || !input.is_cpu());
  at::Tensor value = step.conv->forward(as_batch(input), folds_relu, have.first)
                         .narrow(2, wanted.first - have.first, wanted.count());
  if (step.conv_has_hook) {
    value = value.to(dtype);
    result.conv_output = as_features(value);
  }
  value = step.has_relu() && !folds_relu ? relu_as(value, dtype) : value.to(dtype);
  result.output = as_features(value);
  if (marks.defined()) make_relu_mask(result.output, marks);
  return result;
}

void BlockExecutor::forward(Rows own, const at::Tensor& pooled) {
  Rows have = grown(own, steps());
  at::Tensor value;
  if (!block_.steps.front().pixel_conv) value = input_rows(have);
  for (size_t step = 0; step < steps(); ++step) {
    if (is_pooled(step) && fuses_pool()) {
      block_.steps[step].conv->forward_amx()->run_pooled(StoredRows(value, have.first), own,
                                                         saved_.width, context_.layers.pool_kind,
                                                         pooled, mask_rows(step, own));
      return;
    }
    const Rows wanted = grown(own, steps() - 1 - step);
    const bool is_marked = is_masked(step) && !is_pooled(step);
    const StepResult result =
        run_step(step, value, have, wanted, is_marked ? mask_rows(step, wanted) : at::Tensor());
    call_hooks_and_save(step, result, own, wanted);
    if (is_marked && saved_.pooling) saved_.masks[step] = result.output;
    value = result.output;
    have = wanted;
  }
  if (block_.has_pool()) pool(value, own, pooled);
}

void BlockExecutor::call_hooks_and_save(size_t index, const StepResult& result, Rows own,
                                        Rows have) {
  const ConvRelu& step = block_.steps[index];
  const auto own_rows = [&](const at::Tensor& rows) {
    return rows.narrow(0, own.first - have.first, own.count());
  };
  if (conv_has_hook(index)) {
    const at::Tensor rows = own_rows(result.conv_output);
    context_.call_hooks(step.conv_name, rows, own.first);
    if (!saved_.hooked_features.empty()) {
      store_rows(rows, own, saved_.height, saved_.hooked_features[index].conv_output);
    }
  }
  if (relu_has_hook(index)) {
    const at::Tensor rows = own_rows(result.output);
    context_.call_hooks(step.relu_name, rows, own.first);
    if (!saved_.hooked_features.empty())
      store_rows(rows, own, saved_.height, saved_.hooked_features[index].output);
  }
}

void BlockExecutor::pool(const at::Tensor& features, Rows own, const at::Tensor& pooled) {
  if (pooled.size(0) == 0) return;
  const bool is_max = context_.layers.pool_kind == PoolKind::kMax;
  if (saved_.pooling && is_max) saved_.pooling->indices = pool_with_indices(features, pooled);
  if (saved_.pooling && block_.steps.back().has_relu()) {
    saved_.pooling->relu = is_max ? pooled : features;
  }
  if (saved_.pooling && is_max) return;
  if (saved_.masks.empty() || saved_.pooling) {
    pool_2x2(context_.layers.pool_kind, features, pooled);
  } else {
    // The mask includes the ReLU before the pooling, whose gradient is then complete.
    pool_with_mask(context_.layers.pool_kind, features, block_.steps.back().has_relu(), pooled,
                   mask_rows(steps() - 1, own));
  }
}

/// Recomputes the features that hooks need in the backward pass for the input rows `own`. With
/// `last` the last step that has a hook, these are the rows within last + 1 of `own`; computing
/// them requires last + 1 more rows of halo.
std::vector<HookedFeatures> BlockExecutor::recomputed(Rows own) const {
  std::vector<HookedFeatures> hooked(steps());
  size_t last = steps();
  for (size_t step = 0; step < steps(); ++step) {
    if (conv_has_hook(step) || relu_has_hook(step)) last = step;
  }
  if (last == steps()) return hooked;
  Rows have = grown(own, 2 * last + 2);
  at::Tensor value;
  if (!block_.steps.front().pixel_conv) value = input_rows(have);
  for (size_t step = 0; step <= last; ++step) {
    const Rows wanted = grown(own, 2 * last + 1 - step);
    const StepResult result = run_step(step, value, have, wanted, {});
    hooked[step].conv_output = {result.conv_output, wanted.first};
    if (relu_has_hook(step)) hooked[step].output = {result.output, wanted.first};
    value = result.output;
    have = wanted;
  }
  return hooked;
}

at::Tensor BlockExecutor::backward(Rows own, const at::Tensor& upstream,
                                   const at::Tensor& gradient) {
  const std::vector<HookedFeatures> hooked =
      saved_.hooked_features.empty() ? recomputed(own) : saved_.hooked_features;
  const auto output_of = [&](size_t step) { return step == 0 ? gradient : at::Tensor(); };
  size_t step = steps();
  FlowingGradient flowing;
  if (upstream.defined() && fuses_pool()) {
    --step;
    flowing = convolve_backward(
        step, UnpooledRows(context_.layers.pool_kind, upstream, saved_.masks[step]),
        grown(own, step), hooked, output_of(step));
  } else {
    flowing = start(grown(own, steps()), upstream);
  }
  while (step-- > 0) {
    const Rows rows = grown(own, step + 1);
    const Rows wanted = grown(own, step);
    finish_step(step, rows, hooked[step], flowing);
    const ConvRelu& here = block_.steps[step];
    if (here.pixel_conv) {
      at::Tensor result =
          gradient.defined() ? gradient : at::empty({own.count(), saved_.width, 3}, at::kFloat);
      here.pixel_conv->backward_input(flowing.gradient, rows.first, own, result);
      return result;
    }
    if (here.conv->backward_amx() != nullptr) {
      flowing = convolve_backward(step, StoredRows(flowing.gradient, rows.first), wanted, hooked,
                                  output_of(step));
      continue;
    }
    const bool is_first = index_ == 0 && step == 0;
    const auto dtype = is_first ? context_.layers.pixel_dtype() : context_.layers.dtype;
    const at::Tensor whole =
        here.conv->backward_input(as_batch(flowing.gradient.to(dtype)), rows.first);
    flowing = {as_features(whole.narrow(2, wanted.first - rows.first, wanted.count())), false};
  }
  if (!gradient.defined() || flowing.gradient.is_same(gradient)) return flowing.gradient;
  gradient.copy_(flowing.gradient);
  return gradient;
}

/// The gradient of the last step's output on the rows `rows`: the pooling's backward pass, or zero.
BlockExecutor::FlowingGradient BlockExecutor::start(Rows rows, const at::Tensor& upstream) const {
  const auto options =
      at::TensorOptions().device(context_.layers.device).dtype(context_.layers.dtype);
  const std::vector<int64_t> shape{rows.count(), saved_.width, out_channels()};
  if (!upstream.defined()) return {at::zeros(shape, options), false};
  FlowingGradient flowing{at::empty(shape, options), false};
  if (saved_.pooling) {
    unpool_whole(context_.layers.pool_kind, upstream, *saved_.pooling, flowing.gradient);
  } else {
    unpool(context_.layers.pool_kind, upstream, saved_.masks.back(), rows.first, flowing.gradient);
  }
  flowing.is_finished = block_.steps.back().has_relu() && !relu_has_hook(steps() - 1);
  return flowing;
}

/// Backward convolution on AMX: the gradient of a step's input on the rows `wanted`, with the
/// gradients of the step before fused into the epilogue if possible.
BlockExecutor::FlowingGradient BlockExecutor::convolve_backward(
    size_t step, const RowSource& from, Rows wanted, const std::vector<HookedFeatures>& hooked,
    const at::Tensor& output) const {
  ConvolutionEpilogue epilogue =
      step > 0 ? epilogue_for(step - 1, wanted, hooked) : ConvolutionEpilogue();
  epilogue.output = output;
  const bool is_finished = epilogue.mask.defined() || epilogue.features.defined();
  return {block_.steps[step].conv->backward_amx()->run(from, wanted, saved_.width, epilogue),
          is_finished};
}

/// The epilogue that applies the ReLU's gradient and the hook's Gram gradient of a step. Empty if
/// it cannot do all of that; finish_step() then does it separately.
ConvolutionEpilogue BlockExecutor::epilogue_for(size_t index, Rows rows,
                                                const std::vector<HookedFeatures>& hooked) const {
  const ConvRelu& step = block_.steps[index];
  ConvolutionEpilogue epilogue;
  if (!step.has_relu()) return epilogue;
  if (!context_.has_hook(step.relu_name)) {
    epilogue.mask = mask_rows(index, rows);
  } else {
    epilogue.factor = context_.gradient_matrix(step.relu_name);
    if (epilogue.factor.defined()) epilogue.features = hooked[index].output.rows(rows);
  }
  return epilogue;
}

/// Applies the gradients of a step's ReLU and hooks, unless an epilogue has done so.
void BlockExecutor::finish_step(size_t index, Rows rows, const HookedFeatures& hooked,
                                FlowingGradient& flowing) const {
  const ConvRelu& step = block_.steps[index];
  if (step.has_relu() && !flowing.is_finished) {
    if (relu_has_hook(index)) {
      add_hook_gradients(step.relu_name, hooked.output.rows(rows), rows.first, true,
                         flowing.gradient);
    } else {
      apply_mask_(flowing.gradient, saved_.pooling ? saved_.masks[index] : mask_rows(index, rows));
    }
  }
  if (conv_has_hook(index)) {
    add_hook_gradients(step.conv_name, hooked.conv_output.rows(rows), rows.first, false,
                       flowing.gradient);
  }
}

/// Adds the gradients of a layer's hooks. With `through_relu`, the last one applies the ReLU's
/// gradient.
void BlockExecutor::add_hook_gradients(const std::string& layer, const at::Tensor& features,
                                       int64_t first_row, bool through_relu,
                                       at::Tensor& gradient) const {
  if (context_.layers.multiplies_int16 && gram_int16_usable(features)) {
    const at::Tensor factor = context_.gradient_matrix(layer);
    if (factor.defined()) {
      at::Tensor rows = gradient.flatten(0, 1);
      add_gram_gradient_in_int16_(rows, features.flatten(0, 1), factor, through_relu);
      return;
    }
  }
  const auto [first, last] = context_.hooks.equal_range(layer);
  for (auto hook = first; hook != last; ++hook) {
    hook->second->add_gradient(features, first_row, through_relu && std::next(hook) == last,
                               gradient);
  }
}

}  // namespace styletransfer::detail
