#include <filesystem>

#include "cli/options/tables.h"

namespace styletransfer::cli {

void complete_image(StylizeOptions& image, const CommandOptions& command, const IsGiven& is_given) {
  static_cast<CommandOptions&>(image) = command;
  image.alpha_asked = is_given("--alpha");
  validate(image.job.schedule);
}

void complete(StylizeOptions& options, const IsGiven& is_given) {
  if (options.output_path.empty()) {
    options.output_path = default_output_path(options.content_path, options.style_paths);
  }
  complete_image(options, options, is_given);
}

void complete(BatchOptions& options, const IsGiven& is_given) {
  options.image.output_path = "CONTENT-STYLE." + options.format;
  options.image.content_flag = "--contents";
  options.image.style_flag = "--styles";
  complete_image(options.image, options, is_given);
}

void complete(LossCommandOptions& options, const IsGiven& /*is_given*/) {
  if (options.image_paths.empty()) {
    throw UsageError("loss needs images to evaluate: loss --content C --style S IMAGE...");
  }
}

void complete(TrainFastOptions& options, const IsGiven& /*is_given*/) {
  const std::string& output = options.control.output_path;
  // Every program expects this extension of a network file.
  if (std::filesystem::path(output).extension() != ".pt") {
    throw UsageError("--output " + output + ": the name of a network file must end in .pt");
  }
  validate(options.job.schedule);
}

void complete(TrainCycleganOptions& /*options*/, const IsGiven& /*is_given*/) {}

void complete(ImageInfoOptions& options, const IsGiven& /*is_given*/) {
  if (options.image_path.empty()) throw UsageError("info needs an image: info IMAGE");
}

void complete(ModelInfoOptions& /*options*/, const IsGiven& /*is_given*/) {}

void complete(ModelImportOptions& options, const IsGiven& /*is_given*/) {
  if (options.weights_path.empty()) throw UsageError("import needs weights: model import FILE");
}

}  // namespace styletransfer::cli
