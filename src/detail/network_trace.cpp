#include "detail/network_trace.h"

#include <ATen/core/function_schema.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>

namespace styletransfer::detail {
namespace {

/// Everything seen stays alive until the trace is read, so that no address is used twice.
struct SeenCall {
  std::string name;
  std::string overload;
  std::vector<c10::IValue> inputs;
  std::vector<c10::IValue> outputs;
};

struct Watch {
  int depth = 0;
  std::vector<SeenCall> calls;
};

// LibTorch's callbacks are plain functions.
thread_local Watch* current_watch = nullptr;

struct OpenCall : at::ObserverContext {
  std::vector<c10::IValue> inputs;
};

/// The last `count` of them: a call from the interpreter shows all that is on its stack.
template <typename Values>
std::vector<c10::IValue> last_of(const Values& values, std::size_t count) {
  const auto skipped = values.size() - std::min<std::size_t>(count, values.size());
  return std::vector<c10::IValue>(values.begin() + static_cast<std::ptrdiff_t>(skipped),
                                  values.end());
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  if (current_watch == nullptr) return nullptr;
  auto call = std::make_unique<OpenCall>();
  if (current_watch->depth++ == 0) {
    const auto schema = function.operator_schema();
    const auto inputs = function.inputs();
    call->inputs = last_of(inputs, schema ? schema->arguments().size() : inputs.size());
  }
  return call;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (current_watch == nullptr || --current_watch->depth > 0) return;
  SeenCall call;
  if (const auto name = function.operator_name()) {
    call.name = name->name;
    call.overload = name->overload_name;
  }
  call.inputs = std::move(static_cast<OpenCall*>(context)->inputs);
  const auto schema = function.operator_schema();
  const auto& outputs = function.outputs();
  call.outputs = last_of(outputs, schema ? schema->returns().size() : outputs.size());
  current_watch->calls.push_back(std::move(call));
}

/// Watches the calls of this thread while it lives.
class Watching {
 public:
  explicit Watching(Watch& watch)
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                               .needsInputs(true)
                                               .needsOutputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {
    current_watch = &watch;
  }
  ~Watching() {
    current_watch = nullptr;
    at::removeCallback(handle_);
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  at::RecordFunctionGuard enabled_;
  at::CallbackHandle handle_;
};

/// Which value a tensor is now: operations in place make a new value of an old tensor.
class Values {
 public:
  explicit Values(const at::Tensor& input) { give(input, 0); }
  void give(const at::Tensor& tensor, int value) { values_[tensor.unsafeGetTensorImpl()] = value; }
  [[nodiscard]] int of(const c10::IValue& value) const {
    if (!value.isTensor()) return -1;
    const auto known = values_.find(value.toTensor().unsafeGetTensorImpl());
    return known == values_.end() ? -1 : known->second;
  }

 private:
  std::map<const at::TensorImpl*, int> values_;
};

/// Lists of tensors are looked into only to see that a call depends on the input.
bool holds_a_value(const c10::IValue& input, const Values& values) {
  if (!input.isTensorList()) return values.of(input) >= 0;
  const auto list = input.toTensorVector();
  return std::any_of(list.begin(), list.end(),
                     [&](const at::Tensor& tensor) { return values.of(tensor) >= 0; });
}

}  // namespace

NetworkTrace trace_network(const std::function<at::Tensor(const at::Tensor&)>& network,
                           const at::Tensor& input) {
  Watch watch;
  at::Tensor output;
  {
    const Watching watching(watch);
    output = network(input);
  }
  NetworkTrace trace;
  trace.sizes.push_back(input.sizes().vec());
  Values values(input);
  for (SeenCall& seen : watch.calls) {
    if (std::none_of(seen.inputs.begin(), seen.inputs.end(),
                     [&](const c10::IValue& value) { return holds_a_value(value, values); })) {
      continue;
    }
    TracedCall call{seen.name, seen.overload, seen.inputs, {}};
    for (const c10::IValue& value : seen.inputs) call.input_values.push_back(values.of(value));
    trace.calls.push_back(std::move(call));
    const bool gives_tensor = seen.outputs.size() == 1 && seen.outputs.front().isTensor();
    const at::Tensor given = gives_tensor ? seen.outputs.front().toTensor() : at::Tensor();
    trace.sizes.push_back(given.defined() ? given.sizes().vec() : std::vector<std::int64_t>());
    if (given.defined()) values.give(given, static_cast<int>(trace.calls.size()));
  }
  trace.output = values.of(output);
  return trace;
}

std::int64_t peak_value_bytes(const NetworkTrace& trace, std::int64_t element_bytes) {
  std::vector<std::size_t> last_use(trace.sizes.size(), 0);
  for (std::size_t call = 0; call < trace.calls.size(); ++call) {
    for (const int value : trace.calls[call].input_values) {
      if (value >= 0) last_use[static_cast<std::size_t>(value)] = call;
    }
  }
  const auto bytes_of = [&](std::size_t value) {
    const auto& sizes = trace.sizes[value];
    return sizes.empty() ? 0
                         : element_bytes * std::accumulate(sizes.begin(), sizes.end(),
                                                           std::int64_t{1}, std::multiplies<>());
  };
  std::int64_t peak = 0;
  for (std::size_t call = 0; call < trace.calls.size(); ++call) {
    std::int64_t alive = bytes_of(call + 1);
    for (std::size_t value = 0; value <= call; ++value) {
      if (value == 0 || last_use[value] >= call) alive += bytes_of(value);
    }
    peak = std::max(peak, alive);
  }
  return peak;
}

}  // namespace styletransfer::detail
