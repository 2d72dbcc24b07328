#include "cli/checkpoint/pass_json.h"

#include <nlohmann/json.hpp>

namespace styletransfer::cli {
namespace {

/// A run that finished may have passes that a stopping rule ended, and so the word for a pass that
/// none did is its own.
std::string ending_of(const PassReport& report) {
  return report.stop_reason == StopReason::kFinished ? "all steps" : name_of(report.stop_reason);
}

}  // namespace

nlohmann::ordered_json pass_json(const PassReport& report) {
  nlohmann::ordered_json terms = nlohmann::ordered_json::object();
  for (const LossTerm& term : report.last_terms) terms[term.name] = term.value;
  const Pass& pass = report.pass;
  return {{"width", pass.size.width_px},
          {"height", pass.size.height_px},
          {"iterations", pass.iterations},
          {"content_weight", pass.weights.content_weight},
          {"style_weight", pass.weights.style_weight},
          {"tv_weight", pass.weights.tv_weight},
          {"ending", ending_of(report)},
          {"evaluations", report.evaluations},
          {"first_loss", report.first_loss},
          {"last_loss", report.last_loss},
          {"last_terms", terms},
          {"plan", report.plan},
          {"seconds", report.seconds}};
}

}  // namespace styletransfer::cli
