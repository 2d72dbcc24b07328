#include "cli/inputs/style_images.h"

#include <algorithm>

namespace styletransfer::cli {
namespace {

constexpr std::size_t kMaxBytes = 256U << 20U;

std::size_t bytes_of(const Image& image) {
  return (image.rgb01.size() + image.alpha01.size()) * sizeof(float);
}

}  // namespace

std::shared_ptr<const Image> StyleImages::at(InputFiles& files, const std::string& flag,
                                             const std::string& path, int wanted_long_edge_px) {
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.path == path && entry.long_edge_px == wanted_long_edge_px;
  });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    return entries_.front().image;
  }
  auto image = std::make_shared<const Image>(files.read(flag, path, wanted_long_edge_px).image);
  entries_.push_front({path, wanted_long_edge_px, image});
  drop_beyond_limit();
  return image;
}

/// Always keeps the most recent image, whatever its size.
void StyleImages::drop_beyond_limit() {
  std::size_t bytes = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    bytes += bytes_of(*entry->image);
    const bool stays = entry == entries_.begin() || bytes <= kMaxBytes;
    entry = stays ? std::next(entry) : entries_.erase(entry);
  }
}

}  // namespace styletransfer::cli
