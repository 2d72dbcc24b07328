#include "engine/checkpoint.h"

#include <ATen/Functions.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "serialization/checkpoint_file.h"
#include "styletransfer/error.h"
#include "styletransfer/progress.h"

namespace styletransfer {
namespace {

using Json = nlohmann::ordered_json;

// Version of the file format; files of other versions are rejected.
constexpr int kFormat = 3;
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
      {"content_weight", report.pass.content_weight},
      {"style_weight", report.pass.style_weight},
      {"tv_weight", report.pass.tv_weight},
      {"width", report.size.width_px},
      {"height", report.size.height_px},
      {"ending", static_cast<int>(report.ending)},
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
  json.at("content_weight").get_to(report.pass.content_weight);
  json.at("style_weight").get_to(report.pass.style_weight);
  json.at("tv_weight").get_to(report.pass.tv_weight);
  json.at("width").get_to(report.size.width_px);
  json.at("height").get_to(report.size.height_px);
  report.ending = static_cast<PassEnding>(json.at("ending").get<int>());
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
  return {{"format", kFormat},
          {"pass_index", state.pass_index},
          {"pass", json_of(state.pass)},
          {"pass_is_over", state.pass_is_over},
          {"pass_ending", static_cast<int>(state.pass_ending)},
          {"best_losses", state.best_losses},
          {"finished_passes", std::move(finished)},
          {"seconds", state.seconds},
          {"pass_seconds", state.pass_seconds},
          {"memory_limit_bytes", state.memory_limit_bytes}};
}

RunState state_from(const Json& json) {
  RunState state;
  json.at("pass_index").get_to(state.pass_index);
  state.pass = pass_from(json.at("pass"));
  json.at("pass_is_over").get_to(state.pass_is_over);
  state.pass_ending = static_cast<PassEnding>(json.at("pass_ending").get<int>());
  json.at("best_losses").get_to(state.best_losses);
  for (const Json& report : json.at("finished_passes")) {
    state.finished_passes.push_back(report_from(report));
  }
  json.at("seconds").get_to(state.seconds);
  json.at("pass_seconds").get_to(state.pass_seconds);
  json.at("memory_limit_bytes").get_to(state.memory_limit_bytes);
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

void save_run_state(const RunState& state, const std::string& fingerprint,
                    const std::string& path) {
  Json text = json_of(state);
  text["binding"] = fingerprint;
  detail::write_checkpoint_file({tensors_of(state), text.dump()}, path);
}

std::uint64_t state_file_bytes(const RunState& state) {
  constexpr std::uint64_t kTextBytes = 1 << 16;
  std::uint64_t bytes = kTextBytes;
  for (const auto& [name, tensor] : tensors_of(state)) bytes += tensor.nbytes();
  return bytes;
}

SavedRun load_run_state(const std::string& path) {
  detail::CheckpointContents contents = detail::read_checkpoint_file(path);
  try {
    const Json json = Json::parse(contents.text);
    if (json.at("format").get<int>() != kFormat) {
      throw UsageError("'" + path + "' was written by another version of this program");
    }
    SavedRun saved{state_from(json), json.at("binding").get<std::string>()};
    give_tensors(std::move(contents.tensors), saved.state);
    return saved;
  } catch (const Json::exception&) {
    throw UsageError("'" + path + "' is not a state file of this program");
  } catch (const std::out_of_range&) {
    throw UsageError("'" + path + "' is not a state file of this program");
  }
}

}  // namespace styletransfer
