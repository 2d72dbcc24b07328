#include "cli/inputs/image_list.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "base/shown_path.h"
#include "cli/terminal/log.h"
#include "cli/terminal/option_names.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

/// Files in a folder with one of these extensions are expected to be images: if unreadable, they
/// are reported.
bool has_image_ending(const fs::path& path) {
  static const std::vector<std::string> kExtensions = readable_extensions();
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension.size() > 1 && std::find(kExtensions.begin(), kExtensions.end(),
                                           extension.substr(1)) != kExtensions.end();
}

/// Target of a dangling link; empty for anything else.
std::string dangling_target(const std::string& path) {
  std::error_code is_gone;
  const bool is_dangling = fs::is_symlink(path, is_gone) && !fs::exists(path, is_gone);
  return is_dangling ? link_target(path) : "";
}

SourceImage looked_at(const std::string& flag, const std::string& path) {
  SourceImage image{path, "", {}, ""};
  if (const std::string target = dangling_target(path); !target.empty()) {
    image.problem = flag + ": " + shown_path(path) + ": a link to '" + shown_path(target) +
                    "', which does not exist; fix or remove the link";
    return image;
  }
  try {
    image.size = probe_image(path).size;
  } catch (const Error& error) {
    image.problem = with_flags(flag + ": " + error.message());
  }
  return image;
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::error_code problem;
    const bool is_hidden = entry.path().filename().string().starts_with(".");
    const bool is_file =
        entry.is_regular_file(problem) || !dangling_target(entry.path().string()).empty();
    if (!is_hidden && is_file) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void add_folder(const std::string& flag, const std::string& folder,
                std::vector<SourceImage>& images) {
  std::vector<std::string> paths;
  try {
    paths = files_of(folder);
  } catch (const fs::filesystem_error& error) {
    throw UsageError(flag + ": the folder " + folder + " cannot be read (" +
                     error.code().message() + ")");
  }
  int foreign = 0;
  for (const std::string& path : paths) {
    SourceImage image = looked_at(flag, path);
    if (!image.problem.empty() && !has_image_ending(path)) {
      ++foreign;
      log_detail("skipped: " + image.problem);
      continue;
    }
    images.push_back(std::move(image));
  }
  if (foreign > 0) {
    log_info(folder + ": " + std::to_string(foreign) +
             (foreign == 1 ? " file is not an image" : " files are not images") + "; skipped");
  }
}

void drop_repetitions(std::vector<SourceImage>& images) {
  std::set<std::string> seen;
  std::erase_if(images, [&](const SourceImage& image) {
    return !seen.insert(resolved_path(image.path)).second;
  });
}

/// The last `parts` components of a path, joined with _.
std::string tail_of(const std::string& path, std::size_t parts) {
  std::vector<std::string> names;
  for (const fs::path& part : fs::path(resolved_path(path)).relative_path()) {
    names.push_back(part.string());
  }
  std::string text;
  for (std::size_t i = names.size() - std::min(parts, names.size()); i < names.size(); ++i) {
    text += (text.empty() ? "" : "_") + names[i];
  }
  return text;
}

/// Names shared by several images.
std::set<std::string> shared_names(const std::vector<SourceImage>& images) {
  std::map<std::string, int> count;
  for (const SourceImage& image : images) ++count[image.name];
  std::set<std::string> shared;
  for (const auto& [name, times] : count) {
    if (times > 1) shared.insert(name);
  }
  return shared;
}

}  // namespace

std::string resolved_path(const std::string& path) {
  std::error_code problem;
  const fs::path real = fs::weakly_canonical(path, problem);
  return problem ? path : real.string();
}

std::vector<SourceImage> find_images(const std::string& flag,
                                     const std::vector<std::string>& sources) {
  std::vector<SourceImage> images;
  for (const std::string& source : sources) {
    std::error_code problem;
    if (fs::is_directory(source, problem)) {
      add_folder(flag, source, images);
    } else {
      images.push_back(looked_at(flag, source));
    }
  }
  drop_repetitions(images);
  give_names(images);
  return images;
}

std::vector<SourceImage> find_readable_images(const std::string& flag,
                                              const std::vector<std::string>& names) {
  std::vector<SourceImage> images = find_images(flag, names);
  require_readable_image(flag, images);
  return images;
}

void require_readable_image(const std::string& flag, const std::vector<SourceImage>& images) {
  if (std::any_of(images.begin(), images.end(),
                  [](const SourceImage& image) { return image.problem.empty(); })) {
    return;
  }
  for (const SourceImage& image : images) log_error(image.problem);
  throw UsageError(flag + ": no image found; give images or folders of images");
}

void refuse_output_among_sources(const std::string& output_folder,
                                 const std::vector<std::string>& names) {
  const std::string output = resolved_path(output_folder);
  for (const std::string& name : names) {
    if (resolved_path(name) != output) continue;
    throw UsageError("--output: " + name +
                     " is a folder of input images; choose another folder for the results");
  }
}

void give_names(std::vector<SourceImage>& images) {
  for (SourceImage& image : images) image.name = fs::path(image.path).stem().string();
  // More components than any path has: at most half of PATH_MAX (4096).
  constexpr std::size_t kMaxParts = 2048;
  std::set<std::string> shared = shared_names(images);
  for (std::size_t parts = 1; !shared.empty() && parts <= kMaxParts; ++parts) {
    for (SourceImage& image : images) {
      if (shared.contains(image.name)) image.name = tail_of(image.path, parts);
    }
    shared = shared_names(images);
  }
}

}  // namespace styletransfer::cli
