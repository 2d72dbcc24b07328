// `loss`: prints the loss of finished images by term.
#include <algorithm>
#include <cstdio>

#include "cli/commands/commands.h"
#include "cli/inputs/job_files.h"
#include "cli/terminal/device_lines.h"
#include "cli/terminal/formatted.h"
#include "styletransfer/model.h"
#include "styletransfer/progress.h"
#include "styletransfer/runtime.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {
namespace {

void print_terms(const LoadedImage& image, const std::vector<LossTerm>& terms) {
  std::string text = image.file.path +
                     formatted(" %dx%d\n", image.image.size.width_px, image.image.size.height_px);
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
  set_up_log(verbosity_of(command));
  InputFiles files(/*keeps_hashes=*/false);
  files.inspect("--content", command.content_path);
  inspect_styles(command, files);
  for (const std::string& path : command.image_paths) {
    files.inspect("", path);
  }
  const Network network = open_network(command);
  RuntimeOptions runtime_options = command.runtime;
  runtime_options.precision = Precision::kFloat32;
  const Runtime runtime = resolve_runtime(runtime_options);
  report_fallback(runtime);

  StyleImages style_images;
  for (const std::string& path : command.image_paths) {
    const LoadedImage image = files.read("", path);
    // Decoded as in a run at the image's size, so that both see the same pixels.
    const int long_edge_px = std::max(image.image.size.width_px, image.image.size.height_px);
    Job job = command.job;
    job.content = files.read("--content", command.content_path, long_edge_px).image;
    open_styles(command, long_edge_px, files, style_images, job);
    validate(job, network);
    print_terms(image, image_loss(image.image, job, network, runtime));
  }
  return 0;
}

}  // namespace styletransfer::cli
