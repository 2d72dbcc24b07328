// Writers of the formats that pictures leave in.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "styletransfer/image_io.h"

namespace styletransfer {

enum class OutputFormat { kPng, kJpeg, kTiff, kWebp };

/// What a format can hold.
struct FormatLimits {
  int longest_side_px;
  bool has_alpha;
  bool has_16_bits;
};
[[nodiscard]] FormatLimits limits_of(OutputFormat format);

/// By extension, in any case; nothing for one that is not written.
[[nodiscard]] std::optional<OutputFormat> output_format_of(const std::string& path);

/// A picture with everything that goes into its file.
struct EncodeJob {
  const Image& image;
  const WriteOptions& options;
  std::vector<std::uint8_t> exif;
  std::string xmp;
};

/// Writing failed: errno at that moment (0: the library refused), and the library's words.
class EncodeError : public std::runtime_error {
 public:
  EncodeError(int error_number, const std::string& words)
      : std::runtime_error(words), error_number_(error_number) {}
  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

/// Row by row into the stream; no copy of the picture is made (WebP: one of 8 bits). All throw
/// EncodeError.
void encode_png(const EncodeJob& job, std::FILE* stream);
void encode_jpeg(const EncodeJob& job, std::FILE* stream);
void encode_tiff(const EncodeJob& job, std::FILE* stream);
void encode_webp(const EncodeJob& job, std::FILE* stream);
void encode(OutputFormat format, const EncodeJob& job, std::FILE* stream);

/// Rows of integers from a float picture: rounded to nearest, cut to range, not-a-number as 0.
class IntegerRows {
 public:
  /// With `keep_alpha` rows are RGBA where the picture has alpha; else it is laid on white.
  IntegerRows(const Image& image, bool keep_alpha);

  [[nodiscard]] int channels() const { return with_alpha_ ? 4 : 3; }
  /// Both write width x channels() values.
  void read(int y, std::uint8_t* out) const { read_scaled(y, out, 255.0F); }
  void read(int y, std::uint16_t* out) const { read_scaled(y, out, 65535.0F); }

 private:
  template <typename Sample>
  void read_scaled(int y, Sample* out, float top) const;

  const Image& image_;
  bool with_alpha_;
};

}  // namespace styletransfer
