#include "cli/checkpoint/pass_json.h"

#include <nlohmann/json.hpp>

#include "cli/options/choices.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

nlohmann::ordered_json pass_json(const PassReport& report) {
  nlohmann::ordered_json terms = nlohmann::ordered_json::object();
  for (const LossTerm& term : report.last_terms) terms[term.name] = term.value;
  return {{"width", report.size.width_px},
          {"height", report.size.height_px},
          {"iterations", report.pass.iterations},
          {"content_weight", report.pass.content_weight},
          {"style_weight", report.pass.style_weight},
          {"tv_weight", report.pass.tv_weight},
          {"ending", name_of(report.ending, kPassEndings)},
          {"evaluations", report.evaluations},
          {"first_loss", report.first_loss},
          {"last_loss", report.last_loss},
          {"last_terms", terms},
          {"plan", report.plan},
          {"seconds", report.seconds}};
}

}  // namespace styletransfer::cli
