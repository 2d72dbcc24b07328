#include "cli/checkpoint/run_metadata.h"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/checkpoint/loss_json.h"
#include "cli/checkpoint/pass_json.h"
#include "cli/options/choices.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/version.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

/// One pass as on the command line: "size=256,iterations=70".
std::string pass_text(const PassOverrides& pass) {
  std::string text;
  const auto add = [&](const char* key, const auto& field) {
    if (!field) return;
    text += (text.empty() ? "" : ",") + std::string(key) + "=" + number_text(*field);
  };
  add("size", pass.size_px);
  add("iterations", pass.iterations);
  add("content-weight", pass.content_weight);
  add("style-weight", pass.style_weight);
  add("tv-weight", pass.tv_weight);
  return text;
}

/// The requested schedule, enough to run it again.
Json schedule_json(const StylizeOptions& options) {
  const ScheduleOptions& schedule = options.job.schedule;
  const Weights weights = weights_of(schedule);
  Json json;
  if (options.print) {
    json["size"] = "print " + paper_size_text(*options.print);
  } else if (schedule.size_px > 0) {
    json["size"] = schedule.size_px;
  } else {
    json["size"] = "content";
  }
  json["iterations"] = schedule.iterations;
  if (schedule.passes > 0) {
    json["passes"] = schedule.passes;
  } else {
    json["passes"] = "growing";
    json["coarse_steps"] = schedule.coarse_steps;
  }
  json["pass"] = Json::array();
  for (const PassOverrides& pass : schedule.pass_list) json["pass"].push_back(pass_text(pass));
  json["content_weight"] = weights.content_weight;
  json["style_weight"] = weights.style_weight;
  json["tv_weight"] = weights.tv_weight;
  return json;
}

/// The convention given on the command line; the file's own part is identified by its hash.
Json convention_json(const ConventionClues& clues) {
  Json json = Json::object();
  if (clues.input_range) json["input_range"] = name_of(*clues.input_range, kValueRanges);
  if (clues.output_range) json["output_range"] = name_of(*clues.output_range, kValueRanges);
  if (clues.bgr) json["channel_order"] = name_of(*clues.bgr, kChannelOrders);
  if (clues.multiple_of) json["multiple_of"] = *clues.multiple_of;
  if (clues.mean) json["mean"] = *clues.mean;
  if (clues.stddev) json["std"] = *clues.stddev;
  return json;
}

void add_start(const StylizeOptions& options, Json& json) {
  const Init& init = options.job.init;
  const FeedForwardOptions& feed_forward = options.feed_forward;
  if (feed_forward.is_wanted()) {
    json["init"] = "network:" + feed_forward.network_path;
    json["convention"] = convention_json(feed_forward.convention());
    json["network_precision"] = name_of(feed_forward.in_bfloat16, kFeedForwardPrecisions);
    return;
  }
  json["init"] = init.kind == InitKind::kImage ? options.init_path : name_of(init.kind, kInits);
  if (init.kind == InitKind::kNoise) json["seed"] = init.seed;
}

void add_loss(const StylizeOptions& options, Json& json) {
  const LossOptions& loss = options.job.loss;
  json["style_scale"] =
      options.style_scale.empty() ? std::vector<double>{Style().scale} : options.style_scale;
  json["margin"] = options.job.margin_px.value_or(default_margin_px(loss.kind));
  json["colors"] = name_of(options.job.colors, kColorChoices);
  json.update(loss_json(loss));
}

/// File names instead of paths, since contents are compared by hash.
void add_masks(const MaskPaths& masks, Json& json) {
  const auto file_name = [](const std::string& path) {
    return path.empty() ? "none" : std::filesystem::path(path).filename().string();
  };
  const auto add_list = [&](const char* key, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) json[key].push_back(file_name(path));
  };
  add_list("content_mask", masks.content);
  add_list("style_mask", masks.style);
  if (!masks.untouched.empty()) json["untouched_mask"] = file_name(masks.untouched);
  if (!masks.content_weight.empty()) json["content_weight_mask"] = file_name(masks.content_weight);
}

void add_optimizer(const OptimizerOptions& optimizer, Json& json) {
  json["optimizer"] = name_of(optimizer.kind, kOptimizers);
  if (optimizer.kind == OptimizerKind::kLbfgs) {
    json["history"] = optimizer.history;
  } else {
    json["learning_rate"] = optimizer.learning_rate;
  }
}

/// Adds only the stopping rules that are set.
void add_stopping(const StoppingOptions& stopping, Json& json) {
  if (stopping.time_limit_seconds > 0.0) json["time_limit"] = stopping.time_limit_seconds;
  if (stopping.on_plateau) json["plateau_threshold"] = stopping.plateau_percent;
}

/// Everything that determines the image except the machine. difference_from compares requests by
/// it, so a key that belongs to a flag is always present; a key for an unused feature (masks,
/// stopping rules, a seed) is absent.
Json request_json(const StylizeOptions& options, const InputHashes& inputs) {
  Json json;
  json["content_sha256"] = inputs.content;
  json["style_sha256"] = inputs.styles;
  add_masks(options.masks, json);
  if (!inputs.masks.empty()) json["mask_sha256"] = inputs.masks;
  json["style_blend"] = options.style_blend.empty()
                            ? std::vector<double>(options.style_paths.size(), 1.0)
                            : options.style_blend;
  add_start(options, json);
  if (!inputs.init.empty()) json["init_sha256"] = inputs.init;
  add_loss(options, json);
  add_optimizer(options.job.optimizer, json);
  add_stopping(options.job.stopping, json);
  json["alpha"] = name_of(options.alpha, kAlphas);
  json["bit_depth"] = options.write.bit_depth;
  json["quality"] = options.write.quality;
  json["network"] = {{"sha256", inputs.network}};
  json["schedule"] = schedule_json(options);
  return json;
}

/// Parses the settings stored by this program; null for anything else.
Json stored_settings_of(const std::string& text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool is_ours = json.is_object() && json.value("program", Json()) == "styletransfer";
  return is_ours ? json : Json();
}

/// "style_weight is 12.0 there and 20.0 now"; empty when `there` has every value of `now`.
std::string difference(const std::string& key, const Json& there, const Json& now) {
  if (there.is_object() && now.is_object()) {
    for (const auto& [inner, value] : now.items()) {
      std::string message = difference(inner.starts_with("sha256") ? key + "_" + inner : inner,
                                       there.value(inner, Json()), value);
      if (!message.empty()) return message;
    }
    return "";
  }
  if (there == now) return "";
  if (key.ends_with("_sha256")) {
    return "it was made with another " + key.substr(0, key.size() - 7) + " file";
  }
  return key + " is " + (there.is_null() ? "not stored" : there.dump()) + " there and " +
         now.dump() + " now";
}

/// True with --reproducible or $SOURCE_DATE_EPOCH
/// (https://reproducible-builds.org/specs/source-date-epoch/); no time is stored, not even that
/// one.
bool is_reproducible(const StylizeOptions& options) {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  return options.reproducible || (epoch != nullptr && *epoch != '\0');
}

/// Removes what differs between two runs of one command that make the same image: times, the
/// machine, the folders of files.
void drop_circumstances(const StylizeOptions& options, Json& json) {
  const auto to_name = [](Json& path) {
    path = std::filesystem::path(path.get<std::string>()).filename().string();
  };
  to_name(json["content"]);
  for (Json& style : json["style"]) to_name(style);
  if (!options.init_path.empty()) to_name(json["init"]);
  if (options.feed_forward.is_wanted()) {
    json["init"] =
        "network:" + std::filesystem::path(options.feed_forward.network_path).filename().string();
  }
  json.erase("seconds");
  for (Json& pass : json["passes"]) pass.erase("seconds");
  json.erase("device");
  json.erase("threads");
}

}  // namespace

std::string precision_name(const Runtime& runtime) {
  const Precision precision = runtime.feature_type != c10::kFloat ? Precision::kBfloat16
                              : runtime.multiplies_int16          ? Precision::kInt16
                                                                  : Precision::kFloat32;
  return name_of(precision, kPrecisions);
}

namespace {

Json settings_of(const StylizeOptions& options, const RunMetadata& record) {
  Json json;
  json["program"] = "styletransfer";
  json["version"] = program_version();
  json["libtorch"] = libtorch_version();
  json["content"] = options.content_path;
  json["style"] = options.style_paths;
  json.update(request_json(options, record.inputs));
  // For `info` only: the weights in the schedule follow from it, so --resume compares these.
  if (const auto& strength = options.job.schedule.strength) json["strength"] = *strength;
  json["network"]["source"] = record.network_source;
  json["device"] = record.runtime_description;
  json["precision"] = record.precision;
  json["threads"] = record.threads;
  // Only the last passes: file formats limit the length of what is stored.
  constexpr std::size_t kMaxPasses = 16;
  const std::size_t first =
      record.passes.size() > kMaxPasses ? record.passes.size() - kMaxPasses : 0;
  json["passes_run"] = record.passes.size();
  json["passes"] = Json::array();
  for (std::size_t i = first; i < record.passes.size(); ++i) {
    json["passes"].push_back(pass_json(record.passes[i]));
    json["passes"].back()["size"] = record.passes[i].pass.size_px;
  }
  json["ending"] = name_of(record.ending, kEndings);
  if (record.snapshot_of_step) json["snapshot_of_step"] = *record.snapshot_of_step;
  json["seconds"] = record.seconds;
  return json;
}

std::string on_one_line(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace

std::string settings_json(const StylizeOptions& options, const RunMetadata& record) {
  return on_one_line(settings_of(options, record));
}

std::string stored_settings(const StylizeOptions& options, const RunMetadata& record) {
  Json json = settings_of(options, record);
  if (is_reproducible(options)) drop_circumstances(options, json);
  return on_one_line(json);
}

std::string difference_from(const std::string& stored_settings, const StylizeOptions& options,
                            const InputHashes& inputs) {
  const Json there = stored_settings_of(stored_settings);
  if (there.is_null()) return "it was not made by this program";
  const Json ending = there.value("ending", Json());
  if (ending != "finished" && ending != "diverged") {
    return "its run ended early (" + ending.dump() + ")";
  }
  Json now = request_json(options, inputs);
  if (options.runtime.precision != Precision::kAuto) {
    now["precision"] = name_of(options.runtime.precision, kPrecisions);
  }
  // The start image's name may differ; its hash is compared.
  if (!inputs.init.empty()) now.erase("init");
  return difference("settings", there, now);
}

std::string request_text(const StylizeOptions& options, const InputHashes& inputs) {
  return on_one_line(request_json(options, inputs));
}

std::string settings_difference(const std::string& there, const std::string& now) {
  const Json was = Json::parse(there);
  const Json is = Json::parse(now);
  if (std::string message = difference("settings", was, is); !message.empty()) return message;
  for (const auto& [key, value] : was.items()) {
    if (!is.contains(key)) return key + " is " + value.dump() + " there and not set now";
  }
  return "";
}

bool is_unfinished(const std::string& stored_settings) {
  const Json json = stored_settings_of(stored_settings);
  if (json.is_null()) return false;
  const Json ending = json.value("ending", Json());
  return ending == name_of(Ending::kStopped, kEndings) ||
         ending == name_of(Ending::kOutOfMemory, kEndings);
}

}  // namespace styletransfer::cli
