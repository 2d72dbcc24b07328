// The writing part of image_io.h: checks before a run, and the file itself.
#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/output_target.h"
#include "base/system/disk_space.h"
#include "base/utf8.h"
#include "image/codecs/encoder.h"
#include "image/metadata.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer {
namespace {

// A JPEG marker holds 64 KB. XML needs six bytes for each quote in the settings.
constexpr std::size_t kMaxJpegPacketBytes = 65000;
// Texts of the content image must leave room for the settings.
constexpr std::size_t kMaxJpegTextBytes = 2000;

[[noreturn]] void refuse(const std::string& path, const Message& why) {
  throw UsageError(shown_path(path) + ": " + why);
}

OutputFormat known_format(const std::string& path) {
  const std::optional<OutputFormat> format = output_format_of(path);
  if (!format) {
    refuse(path, "no format goes by this name; end it in .png, .jpg, .tif or .webp");
  }
  return *format;
}

/// Trims the content's metadata to what the format can hold.
ImageMetadata fitted(ImageMetadata metadata, OutputFormat format) {
  if (format != OutputFormat::kJpeg) return metadata;
  for (std::string* text : {&metadata.description, &metadata.copyright, &metadata.artist}) {
    if (text->size() > kMaxJpegTextBytes)
      *text = valid_xml_text(text->substr(0, kMaxJpegTextBytes));
  }
  return metadata;
}

void check_options(const std::string& path, OutputFormat format, const WriteOptions& options) {
  if (options.bit_depth != 8 && options.bit_depth != 16) {
    refuse(path, option("bit_depth", std::to_string(options.bit_depth)) + " is neither 8 nor 16");
  }
  if (options.bit_depth == 16 && !limits_of(format).has_16_bits) {
    refuse(path, "this format has no 16 bits; end the name in .png or .tif, or leave " +
                     option("bit_depth"));
  }
  if (!WriteOptions::kQuality.contain(options.quality)) {
    refuse(path, option("quality", std::to_string(options.quality)) + " is not within " +
                     text_of(WriteOptions::kQuality));
  }
  if (format == OutputFormat::kJpeg &&
      xmp_packet({}, options.settings_json).size() > kMaxJpegPacketBytes) {
    refuse(path, "the settings are too long to store in a JPEG; end the name in .png");
  }
}

void check_side(const std::string& path, OutputFormat format, Size size) {
  const int longest = limits_of(format).longest_side_px;
  if (size.width_px <= longest && size.height_px <= longest) return;
  refuse(path, "this format holds at most " + std::to_string(longest) + " px a side, not " +
                   std::to_string(size.width_px) + "x" + std::to_string(size.height_px) +
                   "; end the name in .png or .tif");
}

std::uint64_t raw_bytes(Size size, int channels, int bit_depth) {
  return std::uint64_t{1} * size.width_px * size.height_px * channels * bit_depth / 8;
}

/// A rough lower bound of the file's size.
std::uint64_t min_file_bytes(OutputFormat format, Size size, int bit_depth) {
  return raw_bytes(size, 3, bit_depth) / limits_of(format).max_compression;
}

void check_space(const std::string& path, std::uint64_t needed_bytes) {
  constexpr std::uint64_t kMinFreeBytes = 64 * 1024;
  const std::optional<std::uint64_t> free_bytes = free_disk_bytes(folder_of(link_target(path)));
  if (free_bytes && *free_bytes < kMinFreeBytes + needed_bytes) {
    refuse(path, "the disk is full (" + std::to_string(*free_bytes / 1024) +
                     " KB free); free some space or choose another folder");
  }
}

}  // namespace

bool output_keeps_alpha(const std::string& path) {
  const std::optional<OutputFormat> format = output_format_of(path);
  return format && limits_of(*format).has_alpha;
}

bool output_has_16_bits(const std::string& path) {
  const std::optional<OutputFormat> format = output_format_of(path);
  return format && limits_of(*format).has_16_bits;
}

bool output_has_quality(const std::string& path) {
  const std::optional<OutputFormat> format = output_format_of(path);
  return format && limits_of(*format).has_quality;
}

std::uint64_t max_file_bytes(Size size, bool with_alpha, int bit_depth) {
  // Profile, settings and metadata; incompressible rows add a fraction of a percent.
  constexpr std::uint64_t kOverheadBytes = 1 << 20;
  const std::uint64_t raw = raw_bytes(size, with_alpha ? 4 : 3, bit_depth);
  return raw + raw / 100 + kOverheadBytes;
}

void check_output_path(const std::string& path, const WriteOptions& options, Size size) {
  const OutputFormat format = known_format(path);
  check_options(path, format, options);
  check_side(path, format, size);
  check_output_target(path, options.overwrite);
  check_space(path, min_file_bytes(format, size, options.bit_depth));
  if (size == Size{}) return;
  const std::string problem =
      file_size_problem(max_file_bytes(size, limits_of(format).has_alpha, options.bit_depth));
  if (!problem.empty()) refuse(path, problem);
}

void write_image(const Image& image, const std::string& path, const WriteOptions& options) {
  const OutputFormat format = known_format(path);
  check_options(path, format, options);
  check_side(path, format, image.size);
  const ImageMetadata metadata = fitted(options.metadata, format);
  const EncodeJob job{image, options, exif_block(metadata),
                      xmp_packet(metadata, options.settings_json)};
  AtomicFile file(path);
  try {
    encode(format, job, file.stream());
  } catch (const EncodeError& error) {
    if (error.error_number() != 0) file.fail(error.error_number());
    throw RunError(shown_path(path) + ": cannot be encoded (" + error.what() +
                   "); try another format");
  }
  file.commit(options.overwrite);
}

}  // namespace styletransfer
