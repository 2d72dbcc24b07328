#include "cli/report/report_data.h"

#include <nlohmann/json.hpp>

#include "cli/checkpoint/pass_json.h"
#include "cli/report/machine_facts.h"
#include "cli/terminal/version.h"
#include "styletransfer/runtime_options.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

Json schedule_json(const ReportCollector& recording) {
  Json passes = Json::array();
  for (const PassStarted& pass : recording.schedule()) {
    passes.push_back(
        {{"width", pass.width_px}, {"height", pass.height_px}, {"iterations", pass.iterations}});
  }
  return passes;
}

Json curve_json(const PassCurve& pass) {
  Json json{{"pass", pass.pass_index},
            {"iteration", Json::array()},
            {"seconds", Json::array()},
            {"loss", Json::array()},
            {"terms", Json::object()}};
  for (const CurvePoint& point : pass.points) {
    json["iteration"].push_back(point.iteration);
    json["seconds"].push_back(point.seconds);
    json["loss"].push_back(point.loss);
  }
  for (std::size_t i = 0; i < pass.terms.size(); ++i) {
    Json values = Json::array();
    for (const CurvePoint& point : pass.points) {
      values.push_back(i < point.values.size() ? Json(point.values[i]) : Json());
    }
    json["terms"][pass.terms[i]] = std::move(values);
  }
  return json;
}

Json curves_json(const LossCurve& curve) {
  Json passes = Json::array();
  for (const PassCurve& pass : curve.passes()) passes.push_back(curve_json(pass));
  return {{"every", curve.every()}, {"passes", passes}};
}

/// Adds settings and machine; progress is added elsewhere.
void add_settings(const ReportData& data, Json& json) {
  Json settings = Json::parse(data.settings_json, nullptr, /*allow_exceptions=*/false);
  if (!settings.is_object()) settings = Json::object();
  static const MachineFacts facts = machine_facts();
  const auto of_run = [&](const char* key) { return settings.value(key, Json()); };
  json["machine"] = {{"processor", facts.processor},       {"logical_cores", facts.logical_cores},
                     {"memory_bytes", facts.memory_bytes}, {"system", facts.system},
                     {"device", of_run("device")},         {"threads", of_run("threads")},
                     {"precision", of_run("precision")}};
  json["network"] = of_run("network");
  for (const char* key : {"program", "version", "libtorch", "passes", "passes_run", "ending",
                          "seconds", "device", "threads", "precision", "network"}) {
    settings.erase(key);
  }
  json["settings"] = std::move(settings);
}

std::string ending_of(const RunReport& run) {
  if (!run.failure.empty()) return "failed";
  return run.stop_reason ? name_of(*run.stop_reason) : "running";
}

/// While it runs, the time of the latest iteration.
double optimizing_seconds(const RunReport& run, const ReportCollector& recording) {
  return run.optimizing_seconds > 0.0 ? run.optimizing_seconds
                                      : recording.last_step().seconds_since_start;
}

Json image_json(const NamedImage& image, const ImageAddress& address) {
  if (image.jpeg.empty()) return nullptr;
  return {{"label", image.label}, {"src", address(image)}};
}

Json images_json(const ReportData& data, const ReportCollector& recording,
                 const ImageAddress& address) {
  Json json{{"content", image_json(data.content, address)},
            {"styles", Json::array()},
            {"result", image_json(data.result, address)},
            {"course", Json::array()}};
  for (const NamedImage& style : data.styles) {
    json["styles"].push_back(image_json(style, address));
  }
  for (std::size_t i = 0; i < recording.images().size(); ++i) {
    const KeptImage& kept = recording.images()[i];
    json["course"].push_back({{"pass", kept.pass_index},
                              {"iteration", kept.iteration},
                              {"seconds", kept.seconds},
                              {"src", address(course_image(recording, i))}});
  }
  return json;
}

}  // namespace

NamedImage course_image(const ReportCollector& recording, std::size_t index) {
  return {"", "course-" + std::to_string(index) + ".jpg", recording.images()[index].jpeg};
}

std::string report_json(const ReportData& data, const ReportCollector& recording,
                        const ImageAddress& address) {
  const RunReport& run = *data.run;
  Json json;
  json["program"] = "styletransfer";
  json["version"] = program_version();
  json["libtorch"] = libtorch_version();
  json["started"] = data.started_utc;
  json["ending"] = ending_of(run);
  if (!run.failure.empty()) json["trouble"] = run.failure;
  json["output"] = data.output_path;
  json["command"] = data.command;
  json["fraction_done"] = recording.last_step().fraction_done;
  json["timings"] = {{"reading_seconds", run.reading_seconds},
                     {"painting_seconds", optimizing_seconds(run, recording)},
                     {"writing_seconds", run.writing_seconds}};
  json["peak_memory_bytes"] = peak_memory_bytes();
  if (const std::int64_t bytes = peak_device_memory_bytes(); bytes > 0) {
    json["peak_device_memory_bytes"] = bytes;
  }
  add_settings(data, json);
  json["schedule"] = schedule_json(recording);
  json["passes"] = Json::array();
  for (const PassReport& pass : run.passes) {
    json["passes"].push_back(pass_json(pass));
    json["passes"].back()["planned_memory_bytes"] = pass.memory.total();
    if (pass.device_peak_bytes > 0) {
      json["passes"].back()["peak_device_memory_bytes"] = pass.device_peak_bytes;
    }
  }
  json["curves"] = curves_json(recording.curve());
  json["messages"] = recording.lines();
  if (address) json["pictures"] = images_json(data, recording, address);
  return json.dump(address ? -1 : 1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace styletransfer::cli
