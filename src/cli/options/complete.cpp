#include <filesystem>

#include "cli/options/tables.h"

namespace styletransfer::cli {
namespace {

void require(bool is_there, const std::string& flag, const std::string& example) {
  if (!is_there) throw UsageError(flag + " is missing; for example: styletransfer " + example);
}

constexpr const char* kExample = "--content photo.jpg --style painting.jpg";

/// `field` and `key`: "size" and nothing, or "pass" and "size=" for a listed pass.
void check_size(int size_px, int iterations, const std::string& field, const std::string& key) {
  const Bounds<int>& bounds = iterations > 0 ? Pass::kSize : Pass::kResizedSize;
  if (size_px == 0 || bounds.contain(size_px)) return;
  throw OptionError(field, key + std::to_string(size_px), must_be(bounds));
}

/// `where`: "--pass 2: ", or nothing.
void require_weight(const Weights& weights, const PassOverrides& own, const std::string& where) {
  if (own.content_weight.value_or(weights.content_weight) > 0.0 ||
      own.style_weight.value_or(weights.style_weight) > 0.0 ||
      own.tv_weight.value_or(weights.tv_weight) > 0.0) {
    return;
  }
  throw OptionError({"content_weight", "style_weight", "tv_weight"},
                    where +
                        "--content-weight, --style-weight and --tv-weight are all 0, so there is "
                        "nothing to minimize; make one of them positive, or give --iterations 0 to "
                        "only resize");
}

/// Checks what depends on several options and what make_schedule() would refuse for every content.
void check_schedule(const ScheduleOptions& schedule) {
  const Weights weights = weights_of(schedule);
  const auto& passes = schedule.pass_list;
  check_size(schedule.size_px, schedule.iterations, "size", "");
  if (passes.empty() && schedule.iterations > 0) require_weight(weights, {}, "");
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const int iterations = passes[i].iterations.value_or(schedule.iterations);
    check_size(passes[i].size_px.value_or(schedule.size_px), iterations, "pass", "size=");
    if (iterations == 0) continue;
    require_weight(weights, passes[i], "--pass " + std::to_string(i + 1) + ": ");
  }
}

}  // namespace

void complete_image(StylizeOptions& image, const CommandOptions& command, const IsGiven& is_given) {
  static_cast<CommandOptions&>(image) = command;
  image.alpha_asked = is_given("--alpha");
  check_schedule(image.job.schedule);
}

void complete(StylizeOptions& options, const IsGiven& is_given) {
  require(!options.content_path.empty(), "--content", kExample);
  const bool needs_style = only_transfers_colors(options.job.colors) || needs_network(options);
  require(!needs_style || !options.style_paths.empty(), "--style", kExample);
  if (options.output_path.empty()) {
    options.output_path = default_output_path(options.content_path, options.style_paths);
  }
  complete_image(options, options, is_given);
}

void complete(BatchOptions& options, const IsGiven& is_given) {
  const char* example = "batch --contents photos --styles paintings --output results";
  require(!options.contents.empty(), "--contents", example);
  require(!options.styles.empty(), "--styles", example);
  require(!options.output_folder.empty(), "--output", example);
  options.image.output_path = "CONTENT-STYLE." + options.format;
  options.image.content_flag = "--contents";
  options.image.style_flag = "--styles";
  complete_image(options.image, options, is_given);
}

void complete(LossCommandOptions& options, const IsGiven& /*is_given*/) {
  require(!options.content_path.empty(), "--content", kExample);
  require(!options.style_paths.empty(), "--style", kExample);
  if (options.image_paths.empty()) {
    throw UsageError("loss needs images to evaluate: loss --content C --style S IMAGE...");
  }
}

void complete(TrainFastOptions& options, const IsGiven& /*is_given*/) {
  const char* example = "train fast --style painting.jpg --images photos --output painting.pt";
  const std::string& output = options.control.output_path;
  require(!options.style_paths.empty(), "--style", example);
  require(!options.images.empty(), "--images", example);
  require(!output.empty(), "--output", example);
  // Every program expects this extension of a network file.
  if (std::filesystem::path(output).extension() != ".pt") {
    throw UsageError("--output " + output + ": the name of a network file must end in .pt");
  }
  check_schedule(options.job.schedule);
}

void complete(TrainCycleganOptions& options, const IsGiven& /*is_given*/) {
  const char* example = "train cyclegan --a summer --b winter --output seasons";
  require(!options.a.empty(), "--a", example);
  require(!options.b.empty(), "--b", example);
  require(!options.control.output_path.empty(), "--output", example);
}

void complete(ImageInfoOptions& options, const IsGiven& /*is_given*/) {
  if (options.image_path.empty()) throw UsageError("info needs an image: info IMAGE");
}

void complete(ModelInfoOptions& /*options*/, const IsGiven& /*is_given*/) {}

void complete(ModelImportOptions& options, const IsGiven& /*is_given*/) {
  if (options.weights_path.empty()) throw UsageError("import needs weights: model import FILE");
}

}  // namespace styletransfer::cli
