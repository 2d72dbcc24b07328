// The decoder interface, implemented once per image format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/byte_view.h"
#include "base/file_type.h"
#include "image/pixel_layout.h"
#include "styletransfer/image.h"

namespace styletransfer {

/// A file that cannot be decoded. what() completes the sentence "<path>: ..." and ends with the
/// remedy; read_image turns it into a UsageError.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Properties that precede the pixels in a file.
struct ImageHeader {
  /// As stored, before applying the orientation.
  Size stored_size;
  int bits_per_channel = 8;
  PixelLayout layout;
  /// 1..8 if the format itself stores it (TIFF); 0: look in the metadata. Formats whose decoder
  /// already rotates the image (HEIF) report 1.
  int orientation = 0;
  /// Dots per inch from the format's own header; 0: absent.
  double dpi = 0.0;
  /// An ICC profile, embedded or built from the file's color chunks; empty: sRGB.
  std::vector<std::uint8_t> icc_profile;
  /// Exif if only this format's library finds it (HEIF); otherwise empty.
  std::vector<std::uint8_t> exif;
};

/// Geometry of the rows from decode(). After a reduced decode, rows can cover a fraction of a pixel
/// less than their size: a JPEG of 4001 px at 1/4 gives 1001 columns that cover 1000.25.
struct RowGeometry {
  Size size;
  double covered_width_px = 0.0;
  double covered_height_px = 0.0;

  [[nodiscard]] static RowGeometry whole(Size size) {
    return {size, static_cast<double>(size.width_px), static_cast<double>(size.height_px)};
  }
};

/// Receives one row; called from the top, without gaps.
using RowSink = std::function<void(const void* row)>;

/// Decodes one image from bytes that outlive the decoder. Constructors read the header and throw
/// DecodeError.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  [[nodiscard]] const ImageHeader& header() const { return header_; }
  /// One line each: whatever was ignored.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// Chooses the reduction of decode(): never below `wanted_long_edge_px`; 0: none. Most formats
  /// cannot reduce while decoding and deliver every pixel.
  virtual RowGeometry choose_reduction(int /*wanted_long_edge_px*/) {
    return RowGeometry::whole(header_.stored_size);
  }
  /// Memory that decode() needs in addition to its rows.
  [[nodiscard]] virtual std::size_t working_bytes() const { return 0; }
  /// Delivers every row. Throws DecodeError; call once.
  virtual void decode(const RowSink& sink) = 0;

 protected:
  ImageHeader header_;
  std::vector<std::string> warnings_;
};

[[nodiscard]] std::unique_ptr<Decoder> open_jpeg(ByteView bytes);
[[nodiscard]] std::unique_ptr<Decoder> open_png(ByteView bytes);
[[nodiscard]] std::unique_ptr<Decoder> open_tiff(ByteView bytes);
[[nodiscard]] std::unique_ptr<Decoder> open_webp(ByteView bytes);
[[nodiscard]] std::unique_ptr<Decoder> open_gif(ByteView bytes);
[[nodiscard]] std::unique_ptr<Decoder> open_bmp(ByteView bytes);
/// HEIC and AVIF.
[[nodiscard]] std::unique_ptr<Decoder> open_heif(ByteView bytes, const std::string& format_name);

/// Returns the decoder for a type found by file_type_of. Throws DecodeError for an unsupported
/// type.
[[nodiscard]] std::unique_ptr<Decoder> open_decoder(const FileType& type, ByteView bytes);

/// Throws DecodeError when a side is 0 or the image has more pixels than the program accepts,
/// before anything is allocated for it.
void check_claimed_size(std::uint64_t width_px, std::uint64_t height_px);

/// Returns the warning for a file of `frames` images (0: more than one) of which only the first is
/// read.
[[nodiscard]] std::string animation_warning(const std::string& format, std::uint64_t frames);

/// Errors for a file that the program itself recognizes as truncated or damaged: by its size, a
/// checksum, or contradictory numbers.
[[nodiscard]] DecodeError truncated_file(const std::string& format, const std::string& detail);
[[nodiscard]] DecodeError damaged_file(const std::string& format, const std::string& detail);
/// Error for a file that only a library rejects: it may be damaged, or newer than the library.
/// `image`: "a TIFF with ..."; `library`: name and version; `detail`: the library's own message;
/// `remedy`: advice in case the file is valid.
[[nodiscard]] DecodeError unread_file(const std::string& image, const std::string& library,
                                      const std::string& detail, const std::string& remedy);

}  // namespace styletransfer
