#include "cli/options/choices.h"
#include "cli/options/conflicts.h"
#include "cli/options/rows.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

std::vector<std::string> parse_layers(Text where, Text text) {
  std::vector<std::string> layers = split_list(where, text);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (layers[i] == layers[j]) refuse_value(where, text, layers[i] + " is listed twice");
    }
  }
  return layers;
}

OptionRow& add_layers_row(OptionTable& table, Text flag, Text help,
                          std::vector<std::string>& layers) {
  return table
      .value(flag, "A,B,...", help, detail::joined(layers, ","),
             [&layers](Text where, Text text) { layers = parse_layers(where, text); })
      .result()
      .gets([&layers] { return Json(layers); })
      .for_iterations();
}

std::string style_loss_problem(const Texts& own, const TextsOf& texts_of) {
  if (own == Texts{"gram"} || texts_of("--loss") != Texts{"classic"}) return "";
  return "--loss classic compares Gram matrices; leave --style-loss out or use --loss relative";
}

}  // namespace

OptionRow& add_color_row(OptionTable& table, Job& job) {
  table.group("Colors");
  return table
      .choice("--colors",
              "colors of the result: style; content (its exact chroma); content-statistics (its "
              "color distribution); style-only (only recolor the content); style-chroma (the "
              "same, keeping its lightness); neutral (grayscale)",
              job.colors, kColorChoices)
      .result();
}

void add_loss_rows(OptionTable& table, Job& job) {
  LossOptions& loss = job.loss;
  table.group("Loss");
  OptionRow& kind = table.choice(
      "--loss", "normalize each term by its target's energy, or use neural-style's loss", loss.kind,
      kLossKinds);
  kind.result().for_iterations();
  kind.set = [&job](Text where, Text text) {
    job.loss.kind = job.schedule.loss = parse_choice(where, text, kLossKinds);
  };
  table
      .choice("--style-loss",
              "style statistic: Gram matrices; mean and covariance (Wasserstein distance); or "
              "feature distributions (sliced Wasserstein distance)",
              loss.style_loss, kStyleLosses)
      .result()
      .for_iterations()
      .conflicts_with({{"--loss"}, style_loss_problem, /*others_yield=*/false});
  add_layers_row(table, "--content-layers", "layers of the content loss", loss.content_layers);
  add_layers_row(table, "--style-layers", "layers of the style loss", loss.style_layers);
  table.choice("--pooling", "pooling layers of VGG", loss.pooling, kPoolings)
      .result()
      .for_iterations();
}

void add_optimizer_rows(OptionTable& table, OptimizerOptions& optimizer) {
  const auto if_kind = [&optimizer](OptimizerKind kind, auto& value) {
    return [&optimizer, &value, kind] { return optimizer.kind == kind ? Json(value) : Json(); };
  };
  table.group("Optimizer");
  table
      .choice("--optimizer", "adam needs less memory, for poster sizes", optimizer.kind,
              kOptimizers)
      .result()
      .for_iterations();
  table
      .number("--history", "N",
              "lbfgs: number of curvature pairs, each as large as two images in memory",
              optimizer.history, OptimizerOptions::kHistory)
      .result()
      .gets(if_kind(OptimizerKind::kLbfgs, optimizer.history))
      .for_iterations()
      .needs("--optimizer", {"lbfgs"}, "lbfgs",
             "--history is for --optimizer lbfgs; leave it out with adam");
  table
      .number("--learning-rate", "R", "adam: learning rate", optimizer.learning_rate,
              OptimizerOptions::kLearningRate)
      .result()
      .gets(if_kind(OptimizerKind::kAdam, optimizer.learning_rate))
      .for_iterations()
      .needs("--optimizer", {"adam"}, "lbfgs",
             "--learning-rate is for --optimizer adam; add that or leave it out");
}

}  // namespace styletransfer::cli
