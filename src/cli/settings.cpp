#include "cli/settings.h"

#include <nlohmann/json.hpp>

#include "cli/choices.h"
#include "cli/command_line.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kEndings{Choice<Ending>{"finished", Ending::kFinished},
                              Choice<Ending>{"stopped", Ending::kStopped},
                              Choice<Ending>{"diverged", Ending::kDiverged},
                              Choice<Ending>{"out of memory", Ending::kOutOfMemory}};

Json pass_json(const PassReport& report) {
  Json terms = Json::object();
  for (const LossTerm& term : report.last_terms) terms[term.name] = term.value;
  return {{"size", report.pass.size_px},
          {"width", report.size.width_px},
          {"height", report.size.height_px},
          {"iterations", report.pass.iterations},
          {"content_weight", report.pass.content_weight},
          {"style_weight", report.pass.style_weight},
          {"tv_weight", report.pass.tv_weight},
          {"evaluations", report.evaluations},
          {"first_loss", report.first_loss},
          {"last_loss", report.last_loss},
          {"last_terms", terms},
          {"plan", report.plan},
          {"seconds", report.seconds}};
}

/// What the command asked of the schedule, which is enough to run it again.
Json schedule_json(const ScheduleOptions& schedule) {
  Json json;
  if (schedule.size_px > 0) {
    json["size"] = schedule.size_px;
  } else {
    json["size"] = "content";
  }
  json["iterations"] = schedule.iterations;
  if (schedule.passes > 0) json["passes"] = schedule.passes;
  return json;
}

void add_start(const StylizeOptions& options, Json& json) {
  const Init& init = options.job.init;
  json["init"] = init.kind == InitKind::kImage ? options.init_path : name_of(init.kind, kInits);
  if (init.kind == InitKind::kNoise) json["seed"] = init.seed;
}

void add_loss(const StylizeOptions& options, Json& json) {
  const LossOptions& loss = options.job.loss;
  json["style_scale"] = options.job.style_scale;
  json["margin"] = options.job.margin_px.value_or(default_margin_px(loss.kind));
  json["loss"] = name_of(loss.kind, kLossKinds);
  json["content_layers"] = loss.content_layers;
  json["style_layers"] = loss.style_layers;
  json["pooling"] = name_of(loss.pooling, kPoolings);
}

void add_optimizer(const OptimizerOptions& optimizer, Json& json) {
  json["optimizer"] = name_of(optimizer.kind, kOptimizers);
  if (optimizer.kind == OptimizerKind::kLbfgs) {
    json["history"] = optimizer.history;
  } else {
    json["learning_rate"] = optimizer.learning_rate;
  }
}

}  // namespace

std::string settings_json(const StylizeOptions& options, const RunRecord& record) {
  const std::size_t styles = options.style_paths.size();
  Json json;
  json["program"] = "styletransfer";
  json["version"] = program_version();
  json["libtorch"] = LIBTORCH_VERSION;
  json["content"] = options.content_path;
  json["style"] = options.style_paths;
  json["style_blend"] =
      options.style_blend.empty() ? std::vector<double>(styles, 1.0) : options.style_blend;
  add_start(options, json);
  add_loss(options, json);
  add_optimizer(options.job.optimizer, json);
  json["device"] = record.runtime_description;
  json["precision"] = record.feature_type;
  json["threads"] = record.threads;
  json["alpha"] = name_of(options.alpha, kAlphas);
  json["network"] = {{"source", record.network_source}, {"sha256", record.network_sha256}};
  json["schedule"] = schedule_json(options.job.schedule);
  // The last passes only: formats bound the length of what is stored.
  constexpr std::size_t kMostPasses = 16;
  const std::size_t first =
      record.passes.size() > kMostPasses ? record.passes.size() - kMostPasses : 0;
  json["passes_run"] = record.passes.size();
  json["passes"] = Json::array();
  for (std::size_t i = first; i < record.passes.size(); ++i) {
    json["passes"].push_back(pass_json(record.passes[i]));
  }
  json["ending"] = name_of(record.ending, kEndings);
  json["seconds"] = record.seconds;
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace styletransfer::cli
