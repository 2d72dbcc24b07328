#include "cli/report/run_story.h"

#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "cli/pass_json.h"
#include "cli/report/machine_facts.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

Json schedule_json(const RunRecording& recording) {
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

/// What the run was asked for and the machine it ran on; its course is told elsewhere.
void add_settings(const RunStory& story, Json& json) {
  Json settings = Json::parse(story.settings_json, nullptr, /*allow_exceptions=*/false);
  if (!settings.is_object()) settings = Json::object();
  static const MachineFacts facts = machine_facts();
  json["machine"] = {{"processor", facts.processor},
                     {"logical_cores", facts.logical_cores},
                     {"memory_bytes", facts.memory_bytes},
                     {"system", facts.system},
                     {"device", settings.value("device", Json())},
                     {"threads", settings.value("threads", Json())},
                     {"precision", settings.value("precision", Json())}};
  json["network"] = settings.value("network", Json());
  for (const char* key : {"program", "version", "libtorch", "passes", "passes_run", "ending",
                          "seconds", "device", "threads", "precision", "network"}) {
    settings.erase(key);
  }
  json["settings"] = std::move(settings);
}

Json picture_json(const NamedPicture& picture, const PictureAddress& address) {
  if (picture.jpeg.empty()) return nullptr;
  return {{"label", picture.label}, {"src", address(picture)}};
}

Json pictures_json(const RunStory& story, const RunRecording& recording,
                   const PictureAddress& address) {
  Json json{{"content", picture_json(story.content, address)},
            {"styles", Json::array()},
            {"result", picture_json(story.result, address)},
            {"course", Json::array()}};
  for (const NamedPicture& style : story.styles) {
    json["styles"].push_back(picture_json(style, address));
  }
  for (std::size_t i = 0; i < recording.pictures().size(); ++i) {
    const KeptPicture& kept = recording.pictures()[i];
    json["course"].push_back({{"pass", kept.pass_index},
                              {"iteration", kept.iteration},
                              {"seconds", kept.seconds},
                              {"src", address(course_picture(recording, i))}});
  }
  return json;
}

}  // namespace

NamedPicture course_picture(const RunRecording& recording, std::size_t index) {
  return {"", "course-" + std::to_string(index) + ".jpg", recording.pictures()[index].jpeg};
}

std::string story_json(const RunStory& story, const RunRecording& recording,
                       const PictureAddress& address) {
  Json json;
  json["program"] = "styletransfer";
  json["version"] = program_version();
  json["libtorch"] = LIBTORCH_VERSION;
  json["started"] = story.started_utc;
  json["ending"] = story.ending;
  if (!story.trouble.empty()) json["trouble"] = story.trouble;
  json["output"] = story.output_path;
  json["command"] = story.command;
  json["fraction_done"] = recording.last_step().fraction_done;
  json["timings"] = {{"reading_seconds", story.reading_seconds},
                     {"painting_seconds", story.painting_seconds},
                     {"writing_seconds", story.writing_seconds}};
  json["peak_memory_bytes"] = peak_memory_bytes();
  if (const std::int64_t bytes = peak_device_memory_bytes(); bytes > 0) {
    json["peak_device_memory_bytes"] = bytes;
  }
  add_settings(story, json);
  json["schedule"] = schedule_json(recording);
  json["passes"] = Json::array();
  for (const PassReport& pass : story.passes) {
    json["passes"].push_back(pass_json(pass));
    json["passes"].back()["planned_memory_bytes"] = pass.memory.total();
    if (pass.device_peak_bytes > 0) {
      json["passes"].back()["peak_device_memory_bytes"] = pass.device_peak_bytes;
    }
  }
  json["curves"] = curves_json(recording.curve());
  json["messages"] = recording.lines();
  if (address) json["pictures"] = pictures_json(story, recording, address);
  return json.dump(address ? -1 : 1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

std::string shell_command(const std::vector<std::string>& arguments) {
  std::string command;
  for (const std::string& argument : arguments) {
    const bool is_plain =
        !argument.empty() && argument.find_first_not_of(
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "_-./,=:+%@") == std::string::npos;
    command += command.empty() ? "" : " ";
    if (is_plain) {
      command += argument;
      continue;
    }
    command += '\'';
    for (const char c : argument) command += c == '\'' ? "'\\''" : std::string(1, c);
    command += '\'';
  }
  return command;
}

}  // namespace styletransfer::cli
