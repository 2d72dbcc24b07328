#include "styletransfer/image_io.h"

#include <algorithm>
#include <cmath>

#include "base/byte_count.h"
#include "base/memory_info.h"
#include "images/color_conversion.h"
#include "images/color_profiles.h"
#include "images/decoder.h"
#include "images/file_metadata.h"
#include "images/file_view.h"
#include "images/upright_builder.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UsageError(shown_path(path) + ": " + why);
}

/// The file with its header and metadata read, its pixels not yet.
struct OpenedPicture {
  FileType type;
  std::unique_ptr<Decoder> decoder;
  FileMetadata metadata;
  int orientation = 1;
  std::vector<std::string> warnings;
};

void settle_orientation(OpenedPicture& picture) {
  const int in_format = picture.decoder->header().orientation;
  const int said = in_format != 0 ? in_format : picture.metadata.orientation;
  if (said >= 1 && said <= 8) {
    picture.orientation = said;
  } else if (said != 0) {
    picture.warnings.emplace_back("its noted orientation is none of 1 to 8; taken as upright");
  }
}

OpenedPicture open_picture(ByteView bytes) {
  OpenedPicture picture;
  picture.type = file_type_of(bytes);
  picture.decoder = open_decoder(picture.type, bytes);
  const std::vector<std::uint8_t>& exif = picture.decoder->header().exif;
  picture.metadata = exif.empty() ? read_file_metadata(bytes) : read_exif_block(exif);
  constexpr double kHighestDpi = 100'000.0;
  const double dpi = picture.decoder->header().dpi;
  if (dpi > 1.0 && dpi < kHighestDpi) picture.metadata.carried.dpi = dpi;
  settle_orientation(picture);
  return picture;
}

ImageFileInfo info_of(const std::string& path, const OpenedPicture& picture) {
  const PictureHeader& header = picture.decoder->header();
  ImageFileInfo info;
  info.path = path;
  info.format = picture.type.name;
  info.size = header.stored_size;
  if (picture.orientation >= 5) std::swap(info.size.width_px, info.size.height_px);
  info.bits_per_channel = header.bits_per_channel;
  info.has_alpha = header.layout.has_alpha;
  return info;
}

Size target_size(Size stored, int wanted_long_edge_px) {
  const bool reduces =
      wanted_long_edge_px > 0 && wanted_long_edge_px < std::max(stored.width_px, stored.height_px);
  return reduces ? size_with_long_edge(stored, wanted_long_edge_px) : stored;
}

void check_memory(const OpenedPicture& picture, Size target) {
  const PictureHeader& header = picture.decoder->header();
  const std::uint64_t pixels = static_cast<std::uint64_t>(target.width_px) * target.height_px;
  const std::uint64_t channels = header.layout.has_alpha ? 4 : 3;
  const std::uint64_t needed = pixels * channels * sizeof(float) + picture.decoder->working_bytes();
  const MemoryLimit limit = tightest_memory_limit();
  const std::int64_t available = memory_budget_bytes(limit);
  if (needed <= static_cast<std::uint64_t>(available)) return;
  const Size size = header.stored_size;
  throw DecodeError("too large for the memory: " + std::to_string(size.width_px) + "x" +
                    std::to_string(size.height_px) + " pixels need " +
                    detail::memory_in_words(static_cast<std::int64_t>(needed)) + ", and " +
                    detail::memory_in_words(available) + " may be used (" +
                    memory_limit_in_words(limit) + "); use a smaller size or picture, or " +
                    memory_limit_remedy(limit));
}

std::vector<std::uint8_t> profile_of(const OpenedPicture& picture) {
  const PictureHeader& header = picture.decoder->header();
  const bool camera_option = header.icc_profile.empty() && picture.metadata.is_adobe_rgb &&
                             header.layout.model == ColorModel::kRgb;
  return camera_option ? adobe_rgb_profile() : header.icc_profile;
}

Image decode_upright(OpenedPicture& picture, int wanted_long_edge_px) {
  Decoder& decoder = *picture.decoder;
  const PictureHeader& header = decoder.header();
  const RowGeometry rows = decoder.choose_reduction(wanted_long_edge_px);
  const Size target = target_size(header.stored_size, wanted_long_edge_px);
  check_memory(picture, target);
  ColorConversion conversion(header.layout, profile_of(picture), picture.warnings);
  UprightBuilder builder(header.layout, conversion, rows, target, picture.orientation);
  decoder.decode([&](const void* row) { builder.add_row(row); });
  return builder.take();
}

/// Turns what decoding can meet into an error that names the file.
template <typename Step>
auto naming_file(const std::string& path, Step&& step) {
  try {
    return step();
  } catch (const DecodeError& error) {
    refuse(path, error.what());
  } catch (const std::bad_alloc&) {
    refuse(path, "too large for the memory (" + memory_limit_in_words(tightest_memory_limit()) +
                     "); use a smaller size or picture");
  }
}

}  // namespace

ImageFileInfo probe_image(const std::string& path) {
  const FileView file(path);
  return naming_file(path, [&] { return info_of(path, open_picture(file.bytes())); });
}

LoadedImage read_image(const std::string& path, int wanted_long_edge_px) {
  const FileView file(path);
  return naming_file(path, [&] {
    OpenedPicture picture = open_picture(file.bytes());
    LoadedImage loaded;
    loaded.file = info_of(path, picture);
    loaded.metadata = picture.metadata.carried;
    loaded.image = decode_upright(picture, wanted_long_edge_px);
    loaded.warnings = std::move(picture.warnings);
    const std::vector<std::string>& more = picture.decoder->warnings();
    loaded.warnings.insert(loaded.warnings.end(), more.begin(), more.end());
    return loaded;
  });
}

std::optional<std::string> read_settings(const std::string& path) {
  const FileView file(path);
  return read_file_metadata(file.bytes()).settings_json;
}

}  // namespace styletransfer
