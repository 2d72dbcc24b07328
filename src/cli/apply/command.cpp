// `apply`: pictures through a network that paints in one pass.
#include <filesystem>

#include "cli/batch/paint_pairs.h"
#include "cli/batch/picture_limits.h"
#include "cli/batch/stylized_pairs.h"
#include "cli/commands.h"

namespace styletransfer::cli {
namespace {

/// The network in the place of a style: results are called after it.
SourcePicture network_source(const std::string& path) {
  return {path, std::filesystem::path(path).stem().string(), {}, ""};
}

/// --output names a file, and so there is one picture.
bool is_single(const ApplyOptions& command) {
  return command.picture.output_path == command.output;
}

std::vector<Pair> pairs_of(const ApplyOptions& command, const std::vector<SourcePicture>& pictures,
                           const std::vector<SourcePicture>& networks) {
  if (is_single(command)) return {{&pictures.front(), &networks.front(), command.output}};
  return make_pairs(pictures, networks, command.output, command.format);
}

/// The main job, which starts from the network's picture and makes no step.
int paint_one(const ApplyOptions& command) {
  StylizeOptions picture = command.picture;
  picture.content_path = command.pictures.front();
  std::vector<std::string>& words = picture.records.arguments;
  words.insert(words.begin(), {"apply", picture.content_path});
  return run_command(picture);
}

}  // namespace

int run_command(const ApplyOptions& command) {
  set_up_log(command.picture.verbosity);
  if (is_single(command) && !command.dry_run && command.refine_iterations == 0) {
    return paint_one(command);
  }
  refuse_output_among_sources(command.output, command.pictures);
  std::vector<SourcePicture> pictures = find_sound_pictures("input", command.pictures);
  check_picture_limits(command.picture, "input", pictures);
  const std::vector<SourcePicture> networks{network_source(command.picture.painting.network_path)};
  const std::vector<Pair> pairs = pairs_of(command, pictures, networks);
  Workshop workshop(command.picture);
  static_cast<void>(workshop.painter(command.picture.painting));
  StylizedPairs maker(command.picture, workshop, PairStyle::kOnlyAName);
  return command.dry_run ? list_pairs(command.picture, pairs, maker)
                         : paint_pairs(command.picture, pairs, maker);
}

}  // namespace styletransfer::cli
