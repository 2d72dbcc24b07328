#include "styletransfer/image_io.h"

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/system/byte_count.h"
#include "base/system/memory_info.h"
#include "image/codecs/decoder.h"
#include "image/icc/color_conversion.h"
#include "image/icc/color_profiles.h"
#include "image/metadata.h"
#include "image/streaming_resizer.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UsageError(shown_path(path) + ": " + why);
}

/// A file whose header and metadata have been read, but not its pixels.
struct OpenedImage {
  FileType type;
  std::unique_ptr<Decoder> decoder;
  FileMetadata metadata;
  int orientation = 1;
  std::vector<std::string> warnings;
};

void settle_orientation(OpenedImage& image) {
  const int in_format = image.decoder->header().orientation;
  const int said = in_format != 0 ? in_format : image.metadata.orientation;
  if (said >= 1 && said <= 8) {
    image.orientation = said;
  } else if (said != 0) {
    image.warnings.emplace_back("its noted orientation is none of 1 to 8; taken as upright");
  }
}

OpenedImage open_image(ByteView bytes) {
  OpenedImage image;
  image.type = file_type_of(bytes);
  image.decoder = open_decoder(image.type, bytes);
  const std::vector<std::uint8_t>& exif = image.decoder->header().exif;
  image.metadata = exif.empty() ? read_file_metadata(bytes) : read_exif_block(exif);
  constexpr double kHighestDpi = 100'000.0;
  const double dpi = image.decoder->header().dpi;
  if (dpi > 1.0 && dpi < kHighestDpi) image.metadata.carried.dpi = dpi;
  settle_orientation(image);
  return image;
}

ImageFileInfo info_of(const std::string& path, const OpenedImage& image) {
  const ImageHeader& header = image.decoder->header();
  ImageFileInfo info;
  info.path = path;
  info.format = image.type.name;
  info.size = header.stored_size;
  if (image.orientation >= 5) std::swap(info.size.width_px, info.size.height_px);
  info.bits_per_channel = header.bits_per_channel;
  info.has_alpha = header.layout.has_alpha;
  return info;
}

Size target_size(Size stored, int wanted_long_edge_px) {
  const bool reduces =
      wanted_long_edge_px > 0 && wanted_long_edge_px < std::max(stored.width_px, stored.height_px);
  return reduces ? size_with_long_edge(stored, wanted_long_edge_px) : stored;
}

void check_memory(const OpenedImage& image, Size target) {
  const ImageHeader& header = image.decoder->header();
  const std::uint64_t pixels = static_cast<std::uint64_t>(target.width_px) * target.height_px;
  const std::uint64_t channels = header.layout.has_alpha ? 4 : 3;
  const std::uint64_t needed = pixels * channels * sizeof(float) + image.decoder->working_bytes();
  const MemoryLimit limit = tightest_memory_limit();
  const std::int64_t available = memory_budget_bytes(limit);
  if (needed <= static_cast<std::uint64_t>(available)) return;
  const Size size = header.stored_size;
  throw DecodeError("too large for the memory: " + std::to_string(size.width_px) + "x" +
                    std::to_string(size.height_px) + " pixels need " +
                    detail::memory_text(static_cast<std::int64_t>(needed)) + ", and " +
                    detail::memory_text(available) + " may be used (" + memory_limit_text(limit) +
                    "); use a smaller size or image, or " + memory_limit_remedy(limit));
}

std::vector<std::uint8_t> profile_of(const OpenedImage& image) {
  const ImageHeader& header = image.decoder->header();
  const bool camera_option = header.icc_profile.empty() && image.metadata.is_adobe_rgb &&
                             header.layout.model == ColorModel::kRgb;
  return camera_option ? adobe_rgb_profile() : header.icc_profile;
}

Image decode_upright(OpenedImage& image, int wanted_long_edge_px) {
  Decoder& decoder = *image.decoder;
  const ImageHeader& header = decoder.header();
  const RowGeometry rows = decoder.choose_reduction(wanted_long_edge_px);
  const Size target = target_size(header.stored_size, wanted_long_edge_px);
  check_memory(image, target);
  ColorConversion conversion(header.layout, profile_of(image), image.warnings);
  StreamingResizer builder(header.layout, conversion, rows, target, image.orientation);
  decoder.decode([&](const void* row) { builder.add_row(row); });
  return builder.take();
}

/// Rethrows decoding errors as errors that name the file.
template <typename Step>
auto naming_file(const std::string& path, Step&& step) {
  try {
    return step();
  } catch (const DecodeError& error) {
    refuse(path, error.what());
  } catch (const std::bad_alloc&) {
    refuse(path, "too large for the memory (" + memory_limit_text(tightest_memory_limit()) +
                     "); use a smaller size or image");
  }
}

}  // namespace

struct ImageFile::Parts {
  explicit Parts(const std::string& path)
      : file(path),
        image(naming_file(path, [&] { return open_image(file.bytes()); })),
        info(info_of(path, image)) {}

  MappedFile file;
  OpenedImage image;
  ImageFileInfo info;
};

ImageFile::ImageFile(const std::string& path) : parts_(std::make_unique<Parts>(path)) {}

ImageFile::~ImageFile() = default;
ImageFile::ImageFile(ImageFile&& other) noexcept = default;
ImageFile& ImageFile::operator=(ImageFile&& other) noexcept = default;

const ImageFileInfo& ImageFile::info() const { return parts_->info; }

LoadedImage ImageFile::read(int wanted_long_edge_px) {
  OpenedImage& image = parts_->image;
  return naming_file(parts_->info.path, [&] {
    LoadedImage loaded;
    loaded.file = parts_->info;
    loaded.metadata = image.metadata.carried;
    loaded.image = decode_upright(image, wanted_long_edge_px);
    loaded.warnings = std::move(image.warnings);
    const std::vector<std::string>& more = image.decoder->warnings();
    loaded.warnings.insert(loaded.warnings.end(), more.begin(), more.end());
    return loaded;
  });
}

std::string ImageFile::sha256() const {
  const ByteView bytes = parts_->file.bytes();
  detail::Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return detail::hexadecimal(hash.finish());
}

ImageFileInfo probe_image(const std::string& path) { return ImageFile(path).info(); }

LoadedImage read_image(const std::string& path, int wanted_long_edge_px) {
  return ImageFile(path).read(wanted_long_edge_px);
}

std::optional<std::string> read_settings(const std::string& path) {
  const MappedFile file(path);
  return read_file_metadata(file.bytes()).settings_json;
}

}  // namespace styletransfer
