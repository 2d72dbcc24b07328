#include "feedforward/network_trace.h"

#include <ATen/core/function_schema.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>

namespace styletransfer::detail {
namespace {

/// Keeps everything recorded alive until the trace is built, so that no address is reused.
struct RecordedCall {
  std::string name;
  std::string overload;
  std::vector<c10::IValue> inputs;
  std::vector<c10::IValue> outputs;
};

struct Recorder {
  int depth = 0;
  std::vector<RecordedCall> calls;
};

// Thread-local because LibTorch's callbacks are plain functions.
thread_local Recorder* current_recorder = nullptr;

struct OpenCall : at::ObserverContext {
  std::vector<c10::IValue> inputs;
};

/// Returns the last `count` values: a call from the interpreter shows its whole stack.
template <typename Values>
std::vector<c10::IValue> last_of(const Values& values, std::size_t count) {
  const auto skipped = values.size() - std::min<std::size_t>(count, values.size());
  return std::vector<c10::IValue>(values.begin() + static_cast<std::ptrdiff_t>(skipped),
                                  values.end());
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  if (current_recorder == nullptr) return nullptr;
  auto call = std::make_unique<OpenCall>();
  if (current_recorder->depth++ == 0) {
    const auto schema = function.operator_schema();
    const auto inputs = function.inputs();
    call->inputs = last_of(inputs, schema ? schema->arguments().size() : inputs.size());
  }
  return call;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (current_recorder == nullptr || --current_recorder->depth > 0) return;
  RecordedCall call;
  if (const auto name = function.operator_name()) {
    call.name = name->name;
    call.overload = name->overload_name;
  }
  call.inputs = std::move(static_cast<OpenCall*>(context)->inputs);
  const auto schema = function.operator_schema();
  const auto& outputs = function.outputs();
  call.outputs = last_of(outputs, schema ? schema->returns().size() : outputs.size());
  current_recorder->calls.push_back(std::move(call));
}

/// Records the calls of this thread during its lifetime.
class RecordingScope {
 public:
  explicit RecordingScope(Recorder& recorder)
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                               .needsInputs(true)
                                               .needsOutputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {
    current_recorder = &recorder;
  }
  ~RecordingScope() {
    current_recorder = nullptr;
    at::removeCallback(handle_);
  }
  RecordingScope(const RecordingScope&) = delete;
  RecordingScope& operator=(const RecordingScope&) = delete;

 private:
  at::RecordFunctionGuard enabled_;
  at::CallbackHandle handle_;
};

/// Current value of each tensor: in-place operations make a new value of an old tensor.
class Values {
 public:
  explicit Values(const at::Tensor& input) { set(input, 0); }
  void set(const at::Tensor& tensor, int value) { values_[tensor.unsafeGetTensorImpl()] = value; }
  [[nodiscard]] int of(const c10::IValue& value) const {
    if (!value.isTensor()) return -1;
    const auto known = values_.find(value.toTensor().unsafeGetTensorImpl());
    return known == values_.end() ? -1 : known->second;
  }

 private:
  std::map<const at::TensorImpl*, int> values_;
};

/// Tensor lists are searched only to detect whether a call depends on the input.
bool depends_on_input(const c10::IValue& input, const Values& values) {
  if (!input.isTensorList()) return values.of(input) >= 0;
  const auto list = input.toTensorVector();
  return std::any_of(list.begin(), list.end(),
                     [&](const at::Tensor& tensor) { return values.of(tensor) >= 0; });
}

}  // namespace

NetworkTrace trace_network(const std::function<at::Tensor(const at::Tensor&)>& network,
                           const at::Tensor& input) {
  Recorder recorder;
  at::Tensor output;
  {
    const RecordingScope scope(recorder);
    output = network(input);
  }
  NetworkTrace trace;
  trace.sizes.push_back(input.sizes().vec());
  Values values(input);
  for (RecordedCall& recorded : recorder.calls) {
    if (std::none_of(recorded.inputs.begin(), recorded.inputs.end(),
                     [&](const c10::IValue& value) { return depends_on_input(value, values); })) {
      continue;
    }
    TracedCall call{recorded.name, recorded.overload, recorded.inputs, {}};
    for (const c10::IValue& value : recorded.inputs) call.input_values.push_back(values.of(value));
    trace.calls.push_back(std::move(call));
    const bool returns_tensor = recorded.outputs.size() == 1 && recorded.outputs.front().isTensor();
    const at::Tensor result = returns_tensor ? recorded.outputs.front().toTensor() : at::Tensor();
    trace.sizes.push_back(result.defined() ? result.sizes().vec() : std::vector<std::int64_t>());
    if (result.defined()) values.set(result, static_cast<int>(trace.calls.size()));
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
