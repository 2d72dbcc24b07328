#include "cli/options/options.h"

#include <filesystem>

namespace styletransfer::cli {

Verbosity verbosity_of(const CommandOptions& options) {
  if (options.quiet) return Verbosity::kQuiet;
  return options.verbose ? Verbosity::kVerbose : Verbosity::kNormal;
}

bool needs_network(const StylizeOptions& options) {
  if (only_transfers_colors(options.job.colors)) return false;
  if (has_steps(options.job.schedule)) return true;
  return !options.feed_forward.is_wanted() && options.job.init.kind != InitKind::kContent;
}

std::string default_output_path(const std::string& content_path,
                                const std::vector<std::string>& style_paths) {
  std::string name = std::filesystem::path(content_path).stem().string();
  for (const std::string& style : style_paths) {
    name += "-" + std::filesystem::path(style).stem().string();
  }
  return name + ".png";
}

}  // namespace styletransfer::cli
