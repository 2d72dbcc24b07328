// `apply`: stylizes images with a feed-forward network.
#include <filesystem>

#include "cli/commands/batch/item_limits.h"
#include "cli/commands/batch/run_batch.h"
#include "cli/commands/batch/stylized_items.h"
#include "cli/commands/commands.h"

namespace styletransfer::cli {
namespace {

/// The network takes the place of the style image: results are named after it.
SourceImage network_source(const std::string& path) {
  return {path, std::filesystem::path(path).stem().string(), {}, ""};
}

/// True when --output names a file, so there is one image.
bool is_single(const ApplyOptions& command) { return command.image.output_path == command.output; }

std::vector<Pair> pairs_of(const ApplyOptions& command, const std::vector<SourceImage>& images,
                           const std::vector<SourceImage>& networks) {
  if (is_single(command)) return {{&images.front(), &networks.front(), command.output}};
  return make_batch_pairs(images, networks, command.output, command.format);
}

/// One image, with the reports and the progress of the main command.
int paint_one(const ApplyOptions& command) {
  StylizeOptions image = command.image;
  static_cast<CommandOptions&>(image) = command;
  image.content_path = command.images.front();
  std::vector<std::string>& arguments = image.reports.arguments;
  arguments.insert(arguments.begin(), {"apply", image.content_path});
  return run_command(image);
}

}  // namespace

int run_command(const ApplyOptions& command) {
  set_up_log(verbosity_of(command));
  if (is_single(command) && !command.dry_run && command.refine_iterations == 0) {
    return paint_one(command);
  }
  refuse_output_among_sources(command.output, command.images);
  std::vector<SourceImage> images = find_readable_images("input", command.images);
  check_image_limits(command.image, "input", images);
  const std::vector<SourceImage> networks{network_source(command.image.feed_forward.network_path)};
  const std::vector<Pair> pairs = pairs_of(command, images, networks);
  SharedResources resources(command.image);
  static_cast<void>(resources.feed_forward(command.image.feed_forward));
  StylizedItems maker(command.image, resources, StylizedItems::Second::kNetwork);
  return command.dry_run ? list_pairs(command.image, pairs, maker)
                         : run_batch(command.image, pairs, maker);
}

}  // namespace styletransfer::cli
