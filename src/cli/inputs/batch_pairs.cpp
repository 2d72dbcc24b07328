#include "cli/inputs/batch_pairs.h"

#include <filesystem>
#include <map>
#include <set>

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

std::string output_path(const Pair& pair, const std::string& folder, const std::string& dash,
                        const std::string& ending) {
  return (fs::path(folder) / (pair.content->name + dash + pair.style->name + "." + ending))
      .string();
}

std::map<std::string, int> path_counts(const std::vector<Pair>& pairs) {
  std::map<std::string, int> counts;
  for (const Pair& pair : pairs) ++counts[pair.output_path];
  return counts;
}

void part_same_names(std::vector<Pair>& pairs, const std::string& folder,
                     const std::string& ending) {
  const auto before = path_counts(pairs);
  for (Pair& pair : pairs) {
    if (before.at(pair.output_path) > 1) {
      pair.output_path = output_path(pair, folder, "--", ending);
    }
  }
  const auto after = path_counts(pairs);
  for (const Pair& pair : pairs) {
    if (after.at(pair.output_path) == 1) continue;
    throw UsageError("two results would have the name " + pair.output_path + ", one of them from " +
                     pair.content->path + " and " + pair.style->path + "; rename one of the files");
  }
}

void refuse_output_over_source(const std::vector<Pair>& pairs) {
  std::set<std::string> sources;
  for (const Pair& pair : pairs) {
    sources.insert(resolved_path(pair.content->path));
    sources.insert(resolved_path(pair.style->path));
  }
  for (const Pair& pair : pairs) {
    if (!sources.contains(resolved_path(pair.output_path))) continue;
    throw UsageError("--output: " + pair.output_path +
                     " would overwrite an input image of the batch; choose another folder");
  }
}

}  // namespace

std::vector<Pair> make_batch_pairs(const std::vector<SourceImage>& contents,
                                   const std::vector<SourceImage>& styles,
                                   const std::string& folder, const std::string& ending) {
  std::vector<Pair> pairs;
  pairs.reserve(contents.size() * styles.size());
  for (const SourceImage& style : styles) {
    for (const SourceImage& content : contents) {
      Pair pair{&content, &style, ""};
      pair.output_path = output_path(pair, folder, "-", ending);
      pairs.push_back(std::move(pair));
    }
  }
  part_same_names(pairs, folder, ending);
  refuse_output_over_source(pairs);
  return pairs;
}

std::span<const Pair> part_of(std::span<const Pair> pairs, Shard shard) {
  const auto border = [&](int parts) {
    return pairs.size() * static_cast<std::size_t>(parts) / static_cast<std::size_t>(shard.count);
  };
  const std::size_t first = border(shard.index - 1);
  return pairs.subspan(first, border(shard.index) - first);
}

}  // namespace styletransfer::cli
