// `loss`: what finished pictures cost, by term.
#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/device_lines.h"
#include "cli/formatted.h"
#include "cli/job_files.h"

namespace styletransfer::cli {
namespace {

void print_terms(const LoadedImage& picture, const std::vector<LossTerm>& terms) {
  std::string text = picture.file.path + formatted(" %dx%d\n", picture.image.size.width_px,
                                                   picture.image.size.height_px);
  double total = 0.0;
  for (const LossTerm& term : terms) {
    text += formatted("  %-18s %.7g\n", term.name.c_str(), term.value);
    total += term.value;
  }
  text += formatted("  %-18s %.7g\n", "total", total);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

int run_command(const LossCommandOptions& command) {
  set_up_log(command.verbosity);
  static_cast<void>(look_at_picture("--content", command.content_path));
  look_at_styles(command);
  for (const std::string& path : command.picture_paths) {
    static_cast<void>(look_at_picture("", path));
  }
  const Network network = open_network(command);
  RuntimeOptions runtime_options = command.runtime;
  runtime_options.precision = Precision::kFloat32;
  const Runtime runtime = resolve_runtime(runtime_options);
  tell_fallback(runtime);

  StylePictures style_pictures;
  for (const std::string& path : command.picture_paths) {
    const LoadedImage picture = open_picture("", path);
    // Read as a run of the picture's size reads them, so that both see the same pixels.
    const int long_edge_px = std::max(picture.image.size.width_px, picture.image.size.height_px);
    Job job = command.job;
    job.content = open_picture("--content", command.content_path, long_edge_px).image;
    open_styles(command, long_edge_px, style_pictures, job);
    validate(job, network);
    print_terms(picture, picture_loss(picture.image, job, network, runtime));
  }
  return 0;
}

}  // namespace styletransfer::cli
