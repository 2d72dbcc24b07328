#include "engine/run_state.h"

#include <ATen/Functions.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStepper = "stepper.";
constexpr const char* kImage = "picture";
constexpr const char* kAlpha = "picture_alpha";

Json json_of(const std::vector<LossTerm>& terms) {
  Json json = Json::array();
  for (const LossTerm& term : terms) json.push_back({term.name, term.value});
  return json;
}

std::vector<LossTerm> terms_from(const Json& json) {
  std::vector<LossTerm> terms;
  for (const Json& term : json) {
    terms.push_back({term.at(0).get<std::string>(), term.at(1).get<double>()});
  }
  return terms;
}

Json json_of(const PassReport& report) {
  return {
      {"size", report.pass.size_px},
      {"iterations", report.pass.iterations},
      {"content_weight", report.pass.weights.content_weight},
      {"style_weight", report.pass.weights.style_weight},
      {"tv_weight", report.pass.weights.tv_weight},
      {"width", report.pass.size.width_px},
      {"height", report.pass.size.height_px},
      {"ending", static_cast<int>(report.stop_reason)},
      {"evaluations", report.evaluations},
      {"first_loss", report.first_loss},
      {"last_loss", report.last_loss},
      {"last_terms", json_of(report.last_terms)},
      {"seconds", report.seconds},
      {"memory",
       {report.memory.execution_bytes, report.memory.image_bytes, report.memory.optimizer_bytes}},
      {"plan", report.plan}};
}

PassReport report_from(const Json& json) {
  PassReport report;
  json.at("size").get_to(report.pass.size_px);
  json.at("iterations").get_to(report.pass.iterations);
  json.at("content_weight").get_to(report.pass.weights.content_weight);
  json.at("style_weight").get_to(report.pass.weights.style_weight);
  json.at("tv_weight").get_to(report.pass.weights.tv_weight);
  json.at("width").get_to(report.pass.size.width_px);
  json.at("height").get_to(report.pass.size.height_px);
  report.stop_reason = static_cast<StopReason>(json.at("ending").get<int>());
  json.at("evaluations").get_to(report.evaluations);
  json.at("first_loss").get_to(report.first_loss);
  json.at("last_loss").get_to(report.last_loss);
  report.last_terms = terms_from(json.at("last_terms"));
  json.at("seconds").get_to(report.seconds);
  json.at("memory").at(0).get_to(report.memory.execution_bytes);
  json.at("memory").at(1).get_to(report.memory.image_bytes);
  json.at("memory").at(2).get_to(report.memory.optimizer_bytes);
  json.at("plan").get_to(report.plan);
  return report;
}

Json json_of(const PassState& pass) {
  return {{"height", pass.height},
          {"width", pass.width},
          {"first_loss", pass.first_loss},
          {"last_terms", json_of(pass.last_terms)},
          {"iterations", pass.search.iterations},
          {"best_value", pass.search.best_value},
          {"rescues", pass.search.restarts},
          {"rescues_in_a_row", pass.search.restarts_in_a_row},
          {"stepper", pass.search.step_rule.numbers}};
}

PassState pass_from(const Json& json) {
  PassState pass;
  json.at("height").get_to(pass.height);
  json.at("width").get_to(pass.width);
  json.at("first_loss").get_to(pass.first_loss);
  pass.last_terms = terms_from(json.at("last_terms"));
  json.at("iterations").get_to(pass.search.iterations);
  json.at("best_value").get_to(pass.search.best_value);
  json.at("rescues").get_to(pass.search.restarts);
  json.at("rescues_in_a_row").get_to(pass.search.restarts_in_a_row);
  json.at("stepper").get_to(pass.search.step_rule.numbers);
  return pass;
}

Json json_of(const RunState& state) {
  Json finished = Json::array();
  for (const PassReport& report : state.finished_passes) finished.push_back(json_of(report));
  return {{"pass", json_of(state.pass)},
          {"pass_is_over", state.pass_is_over},
          {"pass_ending", static_cast<int>(state.pass_stop_reason)},
          {"best_losses", state.best_losses},
          {"finished_passes", std::move(finished)},
          {"seconds", state.seconds},
          {"pass_seconds", state.pass_seconds},
          {"memory_left_bytes", state.memory_left_bytes}};
}

RunState state_from(const Json& json) {
  RunState state;
  state.pass = pass_from(json.at("pass"));
  json.at("pass_is_over").get_to(state.pass_is_over);
  state.pass_stop_reason = static_cast<StopReason>(json.at("pass_ending").get<int>());
  json.at("best_losses").get_to(state.best_losses);
  for (const Json& report : json.at("finished_passes")) {
    state.finished_passes.push_back(report_from(report));
  }
  json.at("seconds").get_to(state.seconds);
  json.at("pass_seconds").get_to(state.pass_seconds);
  json.at("memory_left_bytes").get_to(state.memory_left_bytes);
  return state;
}

/// A tensor that shares the vector's memory.
at::Tensor tensor_on(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
}

std::map<std::string, at::Tensor> tensors_of(const RunState& state) {
  const MinimizeState& search = state.pass.search;
  std::map<std::string, at::Tensor> tensors{{"x", search.x}};
  if (search.best_x.defined()) tensors["best_x"] = search.best_x;
  for (const auto& [name, tensor] : search.step_rule.tensors) tensors[kStepper + name] = tensor;
  if (state.image) {
    const Image& image = *state.image;
    const std::int64_t height = image.size.height_px;
    const std::int64_t width = image.size.width_px;
    tensors[kImage] = tensor_on(image.rgb01, {height, width, 3});
    if (image.has_alpha()) tensors[kAlpha] = tensor_on(image.alpha01, {height, width});
  }
  return tensors;
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const auto* first = tensor.const_data_ptr<float>();
  return {first, first + tensor.numel()};
}

void give_tensors(std::map<std::string, at::Tensor> tensors, RunState& state) {
  MinimizeState& search = state.pass.search;
  search.x = tensors.at("x");
  if (tensors.contains("best_x")) search.best_x = tensors.at("best_x");
  const std::string prefix = kStepper;
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) search.step_rule.tensors[name.substr(prefix.size())] = tensor;
  }
  if (!tensors.contains(kImage)) return;
  const at::Tensor& rgb01 = tensors.at(kImage);
  auto image = std::make_shared<Image>();
  image->size = {static_cast<int>(rgb01.size(1)), static_cast<int>(rgb01.size(0))};
  image->rgb01 = values_of(rgb01);
  if (tensors.contains(kAlpha)) image->alpha01 = values_of(tensors.at(kAlpha));
  state.image = std::move(image);
}

}  // namespace

Checkpoint checkpoint_of(const RunState& state) {
  return {state.pass_index, state.pass.search.iterations, tensors_of(state), json_of(state).dump()};
}

RunState run_state_of(Checkpoint checkpoint) {
  try {
    RunState state = state_from(Json::parse(checkpoint.text));
    state.pass_index = checkpoint.pass_index;
    give_tensors(std::move(checkpoint.tensors), state);
    return state;
  } catch (const Json::exception&) {
    throw UsageError("the checkpoint is not one of a run");
  } catch (const std::out_of_range&) {
    throw UsageError("the checkpoint is not one of a run");
  }
}

std::int64_t tensor_bytes(const RunState& state) {
  const MinimizeState& search = state.pass.search;
  auto bytes = static_cast<std::int64_t>(search.x.nbytes());
  if (search.best_x.defined()) bytes += static_cast<std::int64_t>(search.best_x.nbytes());
  for (const auto& [name, tensor] : search.step_rule.tensors) {
    bytes += static_cast<std::int64_t>(tensor.nbytes());
  }
  return bytes;
}

}  // namespace styletransfer::detail
