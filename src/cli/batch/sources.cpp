#include "cli/batch/sources.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "base/shown_path.h"
#include "cli/log/log.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

/// A folder's file with such an ending is meant to be a picture: unreadable, it is reported.
bool has_picture_ending(const fs::path& path) {
  static constexpr std::array kEndings{".jpg", ".jpeg", ".png",  ".tif",  ".tiff", ".webp",
                                       ".gif", ".bmp",  ".heic", ".heif", ".avif"};
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

/// Where a link leads that leads to nothing; empty for anything else.
std::string dangling_target(const std::string& path) {
  std::error_code is_gone;
  const bool is_dangling = fs::is_symlink(path, is_gone) && !fs::exists(path, is_gone);
  return is_dangling ? link_target(path) : "";
}

SourcePicture looked_at(const std::string& flag, const std::string& path) {
  SourcePicture picture{path, "", {}, ""};
  if (const std::string target = dangling_target(path); !target.empty()) {
    picture.trouble = flag + ": " + shown_path(path) + ": a link to '" + shown_path(target) +
                      "', which cannot be found; mend or remove the link";
    return picture;
  }
  try {
    picture.size = probe_image(path).size;
  } catch (const Error& error) {
    picture.trouble = flag + ": " + error.what();
  }
  return picture;
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::error_code trouble;
    const bool is_hidden = entry.path().filename().string().starts_with(".");
    const bool is_file =
        entry.is_regular_file(trouble) || !dangling_target(entry.path().string()).empty();
    if (!is_hidden && is_file) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void add_folder(const std::string& flag, const std::string& folder,
                std::vector<SourcePicture>& pictures) {
  std::vector<std::string> paths;
  try {
    paths = files_of(folder);
  } catch (const fs::filesystem_error& error) {
    throw UsageError(flag + ": the folder " + folder + " cannot be read (" +
                     error.code().message() + ")");
  }
  int foreign = 0;
  for (const std::string& path : paths) {
    SourcePicture picture = looked_at(flag, path);
    if (!picture.trouble.empty() && !has_picture_ending(path)) {
      ++foreign;
      log_detail("left aside: " + picture.trouble);
      continue;
    }
    pictures.push_back(std::move(picture));
  }
  if (foreign > 0) {
    log_info(folder + ": " + std::to_string(foreign) +
             (foreign == 1 ? " file that is no picture is" : " files that are no pictures are") +
             " left aside");
  }
}

void drop_repetitions(std::vector<SourcePicture>& pictures) {
  std::set<std::string> seen;
  std::erase_if(pictures, [&](const SourcePicture& picture) {
    return !seen.insert(resolved_path(picture.path)).second;
  });
}

/// The last `parts` of a path, joined with _.
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

/// Names that several pictures have.
std::set<std::string> shared_names(const std::vector<SourcePicture>& pictures) {
  std::map<std::string, int> count;
  for (const SourcePicture& picture : pictures) ++count[picture.name];
  std::set<std::string> shared;
  for (const auto& [name, times] : count) {
    if (times > 1) shared.insert(name);
  }
  return shared;
}

}  // namespace

std::string resolved_path(const std::string& path) {
  std::error_code trouble;
  const fs::path real = fs::weakly_canonical(path, trouble);
  return trouble ? path : real.string();
}

std::vector<SourcePicture> find_pictures(const std::string& flag,
                                         const std::vector<std::string>& sources) {
  std::vector<SourcePicture> pictures;
  for (const std::string& source : sources) {
    std::error_code trouble;
    if (fs::is_directory(source, trouble)) {
      add_folder(flag, source, pictures);
    } else {
      pictures.push_back(looked_at(flag, source));
    }
  }
  drop_repetitions(pictures);
  give_names(pictures);
  return pictures;
}

std::vector<SourcePicture> find_sound_pictures(const std::string& flag,
                                               const std::vector<std::string>& names) {
  std::vector<SourcePicture> pictures = find_pictures(flag, names);
  require_sound_picture(flag, pictures);
  return pictures;
}

void require_sound_picture(const std::string& flag, const std::vector<SourcePicture>& pictures) {
  if (std::any_of(pictures.begin(), pictures.end(),
                  [](const SourcePicture& picture) { return picture.trouble.empty(); })) {
    return;
  }
  for (const SourcePicture& picture : pictures) log_error(picture.trouble);
  throw UsageError(flag + ": no picture among what is named; name pictures or folders of them");
}

void refuse_output_among_sources(const std::string& output_folder,
                                 const std::vector<std::string>& names) {
  const std::string output = resolved_path(output_folder);
  for (const std::string& name : names) {
    if (resolved_path(name) != output) continue;
    throw UsageError("--output: " + name +
                     " is a folder of pictures to read; name another folder for the results");
  }
}

void give_names(std::vector<SourcePicture>& pictures) {
  for (SourcePicture& picture : pictures) picture.name = fs::path(picture.path).stem().string();
  // Longer than any path; a path has at most half as many parts as bytes.
  constexpr std::size_t kMostParts = 2048;
  std::set<std::string> shared = shared_names(pictures);
  for (std::size_t parts = 1; !shared.empty() && parts <= kMostParts; ++parts) {
    for (SourcePicture& picture : pictures) {
      if (shared.contains(picture.name)) picture.name = tail_of(picture.path, parts);
    }
    shared = shared_names(pictures);
  }
}

}  // namespace styletransfer::cli
