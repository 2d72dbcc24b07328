// What every picture format's decoder offers to the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "images/file_type.h"
#include "styletransfer/image.h"

namespace styletransfer {

using ByteView = std::span<const std::uint8_t>;

/// A file that cannot be decoded. what() continues the sentence "<path>: ..." and ends with the
/// remedy; read_image makes a UsageError of it.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class ColorModel { kGrey, kRgb, kCmyk, kLab };
enum class SampleType { kUint8, kUint16, kFloat32 };

/// How the samples of a decoded row lie: colour channels first, alpha last, interleaved, native
/// byte order. Integers use their full range, floats 0..1; CMYK is ink (full range: full ink);
/// Lab is float with its natural ranges (L 0..100, a and b -128..128).
struct PixelLayout {
  ColorModel model = ColorModel::kRgb;
  SampleType type = SampleType::kUint8;
  bool has_alpha = false;
  /// Colours are multiplied by alpha (TIFF's "associated").
  bool premultiplied = false;

  [[nodiscard]] int color_channels() const {
    return model == ColorModel::kGrey ? 1 : model == ColorModel::kCmyk ? 4 : 3;
  }
  [[nodiscard]] int channels() const { return color_channels() + (has_alpha ? 1 : 0); }
  [[nodiscard]] std::size_t bytes_per_sample() const {
    return type == SampleType::kUint8 ? 1 : type == SampleType::kUint16 ? 2 : 4;
  }
  [[nodiscard]] std::size_t bytes_per_pixel() const { return channels() * bytes_per_sample(); }
};

/// What the file says before its pixels.
struct PictureHeader {
  /// As stored, orientation not applied.
  Size stored_size;
  int bits_per_channel = 8;
  PixelLayout layout;
  /// 1..8 when the format itself says so (TIFF); 0: look into the metadata. Formats whose decoder
  /// turns the picture already (HEIF) say 1.
  int orientation = 0;
  /// Dots per inch as the format's own header has it; 0: not said.
  double dpi = 0.0;
  /// An ICC profile, embedded or made from the file's colour chunks; empty: sRGB.
  std::vector<std::uint8_t> icc_profile;
  /// Exif where only this format's library finds it (HEIF); empty elsewhere.
  std::vector<std::uint8_t> exif;
};

/// The rows that decode() delivers. A reduced decode can cover a fraction of a pixel less than its
/// rows have: a JPEG of 4001 px at 1/4 gives 1001 columns that cover 1000.25.
struct RowGeometry {
  Size size;
  double covered_width_px = 0.0;
  double covered_height_px = 0.0;

  [[nodiscard]] static RowGeometry whole(Size size) {
    return {size, static_cast<double>(size.width_px), static_cast<double>(size.height_px)};
  }
};

/// Takes one row, from the top, without gaps.
using RowSink = std::function<void(const void* row)>;

/// Reads one picture from bytes that outlive it. Constructors read the header and throw
/// DecodeError.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  [[nodiscard]] const PictureHeader& header() const { return header_; }
  /// One line each, for the person: what was left aside.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// Chooses how far decode() reduces the picture: never below `wanted_long_edge_px`; 0: not at
  /// all. Most formats cannot reduce while decoding and deliver every pixel.
  virtual RowGeometry choose_reduction(int /*wanted_long_edge_px*/) {
    return RowGeometry::whole(header_.stored_size);
  }
  /// Memory that decode() needs besides its rows.
  [[nodiscard]] virtual std::size_t working_bytes() const { return 0; }
  /// Delivers every row. Throws DecodeError; called once.
  virtual void decode(const RowSink& sink) = 0;

 protected:
  PictureHeader header_;
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

/// The decoder for a type that file_type_of found. Throws DecodeError for a type that is not read.
[[nodiscard]] std::unique_ptr<Decoder> open_decoder(const FileType& type, ByteView bytes);

/// Throws DecodeError when a side is 0 or the picture has more pixels than the program takes from
/// any file, before anything is allocated for it.
void check_claimed_size(std::uint64_t width_px, std::uint64_t height_px);

/// The warning for a file of `frames` pictures (0: more than one) of which the first is read.
[[nodiscard]] std::string animation_warning(const std::string& format, std::uint64_t frames);

/// The sentences for a file of which the program itself knows that it ends early or is damaged: by
/// its size, a checksum, or numbers in it that contradict each other.
[[nodiscard]] DecodeError truncated_file(const std::string& format, const std::string& detail);
[[nodiscard]] DecodeError damaged_file(const std::string& format, const std::string& detail);
/// The sentence for what only a library refuses: the file may be damaged, or newer than the
/// library. `picture`: "a TIFF with ..."; `library`: name and version; `detail`: the library's own
/// words; `remedy`: what to do where the file is sound.
[[nodiscard]] DecodeError unread_file(const std::string& picture, const std::string& library,
                                      const std::string& detail, const std::string& remedy);

}  // namespace styletransfer
