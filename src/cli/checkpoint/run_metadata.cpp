#include "cli/checkpoint/run_metadata.h"

#include <cstdlib>
#include <filesystem>

#include "cli/checkpoint/pass_json.h"
#include "cli/options/choices.h"
#include "cli/options/stored_options.h"
#include "cli/options/tables.h"
#include "cli/terminal/version.h"

namespace styletransfer::cli {
namespace {

/// `options_json`: stored_options or compared_options. A key that belongs to an option is always
/// present; a key for an unused feature (masks, stopping rules, a seed) is absent.
Json request_json(StylizeOptions options, const InputHashes& inputs,
                  Json (*options_json)(const OptionTable&)) {
  Json json = {{"content_sha256", inputs.content}, {"style_sha256", inputs.styles}};
  if (!inputs.masks.empty()) json["mask_sha256"] = inputs.masks;
  if (!inputs.init.empty()) json["init_sha256"] = inputs.init;
  json.update(options_json(result_table(options)));
  if (options.feed_forward.is_wanted() && !json.contains("convention")) {
    json["convention"] = Json::object();
  }
  json["network"] = {{"sha256", inputs.network}};
  return json;
}

/// Parses the settings stored by this program; null for anything else.
Json stored_settings_of(const std::string& text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool is_ours = json.is_object() && json.value("program", Json()) == "styletransfer";
  return is_ours ? json : Json();
}

/// True with --reproducible or $SOURCE_DATE_EPOCH
/// (https://reproducible-builds.org/specs/source-date-epoch/); no time is stored, not even that
/// one.
bool is_reproducible(const StylizeOptions& options) {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  return options.reproducible || (epoch != nullptr && *epoch != '\0');
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

/// Removes what differs between two runs of one command that make the same image: times, the
/// machine, the folders of files.
void drop_circumstances(const StylizeOptions& options, Json& json) {
  json["content"] = file_name(options.content_path);
  for (Json& style : json["style"]) style = file_name(style.get<std::string>());
  if (!options.init_path.empty()) json["init"] = file_name(options.init_path);
  if (options.feed_forward.is_wanted()) {
    json["init"] = "network:" + file_name(options.feed_forward.network_path);
  }
  for (Json& pass : json["passes"]) pass.erase("seconds");
  for (const char* key : {"seconds", "device", "threads"}) json.erase(key);
}

Json settings_of(const StylizeOptions& options, const RunReport& report) {
  Json json = {{"program", "styletransfer"},
               {"version", program_version()},
               {"libtorch", libtorch_version()},
               {"content", options.content_path},
               {"style", options.style_paths}};
  json.update(request_json(options, report.inputs, stored_options));
  json["network"]["source"] = report.network_source;
  json["device"] = report.machine.device;
  json["precision"] = report.machine.precision;
  json["threads"] = report.machine.threads;
  // Only the last passes: file formats limit the length of what is stored.
  constexpr std::size_t kMaxPasses = 16;
  const std::size_t count = report.passes.size();
  json["passes_run"] = count;
  json["passes"] = Json::array();
  for (std::size_t i = count - std::min(count, kMaxPasses); i < count; ++i) {
    json["passes"].push_back(pass_json(report.passes[i]));
    json["passes"].back()["size"] = report.passes[i].pass.size_px;
  }
  json["ending"] = name_of(report.stop_reason.value_or(StopReason::kInterrupted));
  if (report.snapshot_of_step) json["snapshot_of_step"] = *report.snapshot_of_step;
  json["seconds"] = report.seconds;
  return json;
}

std::string on_one_line(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// Why the run of stored settings ended.
std::optional<StopReason> ending_of(const Json& settings) {
  const Json ending = settings.value("ending", Json());
  return ending.is_string() ? stop_reason_named(ending.get<std::string>()) : std::nullopt;
}

}  // namespace

std::string settings_json(const StylizeOptions& options, const RunReport& report) {
  return on_one_line(settings_of(options, report));
}

std::string stored_settings(const StylizeOptions& options, const RunReport& report) {
  Json json = settings_of(options, report);
  if (is_reproducible(options)) drop_circumstances(options, json);
  return on_one_line(json);
}

std::string difference_from(const std::string& stored_settings, const StylizeOptions& options,
                            const InputHashes& inputs) {
  const Json there = stored_settings_of(stored_settings);
  if (there.is_null()) return "it was not made by this program";
  const std::optional<StopReason> ending = ending_of(there);
  if (ending != StopReason::kFinished && ending != StopReason::kDiverged) {
    return "its run ended early (" + there.value("ending", Json()).dump() + ")";
  }
  Json now = request_json(options, inputs, compared_options);
  if (options.runtime.precision != Precision::kAuto) {
    now["precision"] = name_of(options.runtime.precision, kPrecisions);
  }
  // The start image's name may differ; its hash is compared.
  if (!inputs.init.empty()) now.erase("init");
  return first_difference(there, now);
}

std::string request_text(const StylizeOptions& options, const InputHashes& inputs) {
  return on_one_line(request_json(options, inputs, compared_options));
}

bool is_unfinished(const std::string& stored_settings) {
  const Json json = stored_settings_of(stored_settings);
  if (json.is_null()) return false;
  const std::optional<StopReason> ending = ending_of(json);
  return ending == StopReason::kInterrupted || ending == StopReason::kOutOfMemory;
}

}  // namespace styletransfer::cli
