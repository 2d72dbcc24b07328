// TIFF and BigTIFF decoder through libtiff: strips and tiles, interleaved or separate planes.
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "image/codecs/codec_versions.h"
#include "image/codecs/decoder.h"
#include "image/codecs/tiff/tiff_bands.h"
#include "image/codecs/tiff/tiff_errors.h"
#include "image/codecs/tiff/tiff_memory.h"
#include "image/codecs/tiff/tiff_samples.h"

namespace styletransfer {
namespace {

/// Palettes are 16-bit, but some programs write 8-bit codes, either as they are or times 256:
/// converts both to codes times 257.
void widen_byte_palette(std::vector<std::uint16_t>& palette) {
  const auto all = [&](auto is) { return std::all_of(palette.begin(), palette.end(), is); };
  if (all([](std::uint16_t v) { return v < 256; })) {
    for (std::uint16_t& v : palette) v = static_cast<std::uint16_t>(v * 257);
  } else if (all([](std::uint16_t v) { return v % 256 == 0; })) {
    for (std::uint16_t& v : palette) v = static_cast<std::uint16_t>(v / 256 * 257);
  }
}

constexpr const char* kIgnoredChannels = "the TIFF has channels without a known meaning; ignored";

class TiffDecoder final : public Decoder {
 public:
  explicit TiffDecoder(ByteView bytes) : file_{bytes}, tiff_(open_tiff_in_memory(file_)) {
    if (!tiff_) fail_opening_tiff(bytes);
    refuse_raw_photos();
    choose_page();
    describe();
    check_plausible();
  }

  [[nodiscard]] std::size_t working_bytes() const override;
  void decode(const RowSink& sink) override;

 private:
  template <typename T>
  T tag(ttag_t name, T value) const {
    TIFFGetFieldDefaulted(tiff_.get(), name, &value);
    return value;
  }
  void refuse_raw_photos() const;
  void describe();
  void describe_samples();
  void find_alpha(TiffFormat& format);
  void describe_resolution();
  void check_plausible() const;
  void choose_page();
  [[nodiscard]] bool is_reduced_or_mask() const;
  [[nodiscard]] std::uint16_t photometric() const;
  [[noreturn]] void fail(const std::string& fallback) {
    fail_reading_tiff(tiff_.get(), file_.bytes.size(), fallback);
  }
  [[nodiscard]] bool needs_conversion_by_library() const;
  void decode_scanlines(const RowSink& sink);
  void decode_bands(const RowSink& sink);
  [[nodiscard]] TiffBands bands() const {
    return {tiff_.get(), file_.bytes.size(), header_.stored_size, bits_, samples_, planes_apart_};
  }
  void decode_by_library(const RowSink& sink);

  TiffMemory file_;
  TiffHandle tiff_;
  std::unique_ptr<TiffRowReader> reader_;
  std::uint16_t bits_ = 1;
  std::uint16_t samples_ = 1;
  bool planes_apart_ = false;
};

void TiffDecoder::refuse_raw_photos() const {
  std::uint16_t count = 0;
  void* values = nullptr;
  const auto subfile = tag<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0);
  const bool is_dng = TIFFGetField(tiff_.get(), TIFFTAG_DNGVERSION, &values) != 0;
  const bool has_inner = TIFFGetField(tiff_.get(), TIFFTAG_SUBIFD, &count, &values) != 0;
  if (is_dng || ((subfile & FILETYPE_REDUCEDIMAGE) != 0 && has_inner)) {
    throw DecodeError(
        "not a supported image but a camera's raw photo; develop it to JPEG or TIFF first");
  }
}

void TiffDecoder::describe() {
  const auto width = tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
  const auto height = tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
  check_claimed_size(width, height);
  header_.stored_size = {static_cast<int>(width), static_cast<int>(height)};
  bits_ = tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  samples_ = tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  header_.bits_per_channel = bits_;
  header_.orientation = tag<std::uint16_t>(TIFFTAG_ORIENTATION, 0);
  const auto compression = tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (TIFFIsCODECConfigured(compression) == 0) {
    throw unread_file("a TIFF with compression " + std::to_string(compression), installed_libtiff(),
                      "", "save it uncompressed or with LZW first");
  }
  if (compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  planes_apart_ = samples_ > 1 && tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) ==
                                      PLANARCONFIG_SEPARATE;
  describe_samples();
  describe_resolution();
  std::uint32_t length = 0;
  void* profile = nullptr;
  if (TIFFGetField(tiff_.get(), TIFFTAG_ICCPROFILE, &length, &profile) != 0) {
    const auto* first = static_cast<const std::uint8_t*>(profile);
    header_.icc_profile.assign(first, first + length);
  }
}

bool TiffDecoder::needs_conversion_by_library() const {
  const std::uint16_t meaning = photometric();
  const auto compression = tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  return (meaning == PHOTOMETRIC_YCBCR && compression != COMPRESSION_JPEG) ||
         meaning == PHOTOMETRIC_LOGL || meaning == PHOTOMETRIC_LOGLUV ||
         meaning == PHOTOMETRIC_ITULAB || compression == COMPRESSION_OJPEG;
}

void TiffDecoder::describe_samples() {
  if (needs_conversion_by_library()) {
    char why[1024] = {};
    if (TIFFRGBAImageOK(tiff_.get(), why) == 0) {
      throw unread_file("a TIFF of a kind", installed_libtiff(), why,
                        "save it as 8 or 16-bit RGB first");
    }
    header_.bits_per_channel = 8;
    if (samples_ > 3) {
      warnings_.emplace_back(
          "the TIFF has channels besides its colors, such as transparency; "
          "they are left aside");
    }
    return;
  }
  TiffFormat format;
  format.photometric = photometric();
  format.bits = bits_;
  format.samples_per_pixel = samples_;
  format.sample_format = tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  find_alpha(format);
  if (format.photometric == PHOTOMETRIC_SEPARATED &&
      tag<std::uint16_t>(TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK) {
    throw DecodeError("a TIFF with inks other than CMYK; convert it to RGB first");
  }
  if (format.photometric == PHOTOMETRIC_PALETTE) {
    std::uint16_t* r = nullptr;
    std::uint16_t* g = nullptr;
    std::uint16_t* b = nullptr;
    if (bits_ > 16 || TIFFGetField(tiff_.get(), TIFFTAG_COLORMAP, &r, &g, &b) == 0) {
      throw damaged_file("TIFF", "its palette is missing");
    }
    const std::size_t entries = std::size_t{1} << bits_;
    for (const std::uint16_t* channel : {r, g, b}) {
      format.palette.insert(format.palette.end(), channel, channel + entries);
    }
    widen_byte_palette(format.palette);
  }
  reader_ = std::make_unique<TiffRowReader>(std::move(format));
  header_.layout = reader_->layout();
}

void TiffDecoder::find_alpha(TiffFormat& format) {
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  if (TIFFGetField(tiff_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) == 0 || count == 0) {
    // Some programs write RGBA without declaring the fourth sample.
    const bool is_gray = format.photometric <= PHOTOMETRIC_MINISBLACK;
    const bool is_palette = format.photometric == PHOTOMETRIC_PALETTE;
    const bool is_cmyk = format.photometric == PHOTOMETRIC_SEPARATED;
    const int colors = is_gray || is_palette ? 1 : is_cmyk ? 4 : 3;
    const bool is_alpha = is_gray || format.photometric == PHOTOMETRIC_RGB;
    if (samples_ == colors + 1 && is_alpha) {
      format.alpha_sample = samples_ - 1;
    } else if (samples_ > colors) {
      warnings_.emplace_back(kIgnoredChannels);
    }
    return;
  }
  bool ignored = false;
  for (int i = 0; i < count; ++i) {
    const bool is_alpha = kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA;
    if (!is_alpha || format.alpha_sample >= 0) {
      ignored = true;
      continue;
    }
    format.alpha_sample = samples_ - count + i;
    format.alpha_is_premultiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
  }
  if (ignored) warnings_.emplace_back(kIgnoredChannels);
}

void TiffDecoder::describe_resolution() {
  const float x = tag<float>(TIFFTAG_XRESOLUTION, 0.0F);
  const auto unit = tag<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  if (!(x > 1.0F && x < 1e6F)) return;
  if (unit == RESUNIT_INCH) header_.dpi = x;
  if (unit == RESUNIT_CENTIMETER) header_.dpi = x * 2.54;
}

void TiffDecoder::check_plausible() const {
  std::uint64_t ratio = 0;
  switch (tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE)) {
    case COMPRESSION_NONE:
      ratio = 1;
      break;
    case COMPRESSION_PACKBITS:
      ratio = 64;
      break;
    case COMPRESSION_LZW:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
      ratio = kMaxTiffCompression;
      break;
    default:
      return;
  }
  // Subsampled YCbCr needs as little as half a byte per pixel more than gray.
  const std::uint64_t channels = reader_ ? samples_ : 1;
  const Size size = header_.stored_size;
  const std::uint64_t min_bytes =
      static_cast<std::uint64_t>(size.width_px) * size.height_px * channels * bits_ / 8;
  if (min_bytes / ratio > file_.bytes.size()) {
    throw truncated_file("TIFF", "it has fewer bytes than its " + std::to_string(size.width_px) +
                                     "x" + std::to_string(size.height_px) + " px need");
  }
}

bool TiffDecoder::is_reduced_or_mask() const {
  const auto kind = tag<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0);
  // The older form of the tag.
  const auto old_kind = tag<std::uint16_t>(TIFFTAG_OSUBFILETYPE, OFILETYPE_IMAGE);
  return (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0 ||
         old_kind == OFILETYPE_REDUCEDIMAGE;
}

/// Chooses the first page that is not marked as a reduced version or a mask of another one; if all
/// are, the first.
void TiffDecoder::choose_page() {
  constexpr int kPagesWorthCounting = 1000;
  int pages = 0;
  int chosen = 0;
  int index = 0;
  do {
    if (is_reduced_or_mask()) continue;
    if (pages == 0) chosen = index;
    ++pages;
  } while (++index < kPagesWorthCounting && TIFFReadDirectory(tiff_.get()) != 0);
  take_tiff_error();
  if (TIFFSetDirectory(tiff_.get(), static_cast<std::uint16_t>(chosen)) == 0) {
    fail("its page " + std::to_string(chosen + 1) + " is unreadable");
  }
  if (chosen > 0) {
    warnings_.push_back("the TIFF begins with a reduced version of its image; page " +
                        std::to_string(chosen + 1) + ", the first whole one, is used");
  }
  if (pages > 1) {
    warnings_.push_back("the TIFF has " + std::to_string(pages) + " pages; the first is used");
  }
}

std::uint16_t TiffDecoder::photometric() const {
  std::uint16_t value = 0;
  if (TIFFGetField(tiff_.get(), TIFFTAG_PHOTOMETRIC, &value) != 0) return value;
  // libtiff's own default when the tag is missing: fax paper is white.
  switch (tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE)) {
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTRLEW:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
      return PHOTOMETRIC_MINISWHITE;
    default:
      return samples_ >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  }
}

std::size_t TiffDecoder::working_bytes() const {
  const std::size_t pixels =
      static_cast<std::size_t>(header_.stored_size.width_px) * header_.stored_size.height_px;
  if (!reader_) return pixels * 4;
  return bands().working_bytes();
}

void TiffDecoder::decode(const RowSink& sink) {
  take_tiff_error();
  if (!reader_) {
    decode_by_library(sink);
    return;
  }
  if (TIFFIsTiled(tiff_.get()) != 0 || planes_apart_) {
    decode_bands(sink);
  } else {
    decode_scanlines(sink);
  }
  if (reader_->saw_bright_values()) {
    warnings_.emplace_back("the TIFF has values above 1; they are cut to white");
  }
  if (reader_->saw_negative_values()) {
    warnings_.emplace_back("the TIFF has values below 0; they are cut to black");
  }
}

void TiffDecoder::decode_scanlines(const RowSink& sink) {
  const auto stored_bytes = static_cast<std::size_t>(TIFFScanlineSize(tiff_.get()));
  if (stored_bytes < bands().row_bytes())
    throw damaged_file("TIFF", "its header contradicts itself");
  std::vector<std::uint8_t> row(stored_bytes);
  for (int y = 0; y < header_.stored_size.height_px; ++y) {
    if (TIFFReadScanline(tiff_.get(), row.data(), static_cast<std::uint32_t>(y), 0) < 0) {
      fail("its data ends early, at row " + std::to_string(y));
    }
    sink(reader_->read(row.data(), header_.stored_size.width_px));
  }
}

void TiffDecoder::decode_bands(const RowSink& sink) {
  const TiffBands source = bands();
  const auto height = static_cast<std::uint32_t>(header_.stored_size.height_px);
  const std::uint32_t step = source.band_height();
  std::vector<std::uint8_t> band;
  for (std::uint32_t top = 0; top < height; top += step) {
    source.read(top, band);
    for (std::uint32_t y = 0; y < std::min(step, height - top); ++y) {
      sink(reader_->read(band.data() + y * source.row_bytes(), header_.stored_size.width_px));
    }
  }
}

void TiffDecoder::decode_by_library(const RowSink& sink) {
  const auto width = static_cast<std::uint32_t>(header_.stored_size.width_px);
  const auto height = static_cast<std::uint32_t>(header_.stored_size.height_px);
  std::vector<std::uint32_t> pixels(static_cast<std::size_t>(width) * height);
  // Given the stored orientation as the requested one, the library does not rotate.
  if (TIFFReadRGBAImageOriented(tiff_.get(), width, height, pixels.data(),
                                tag<std::uint16_t>(TIFFTAG_ORIENTATION, 1), 1) == 0) {
    fail("its data cannot be decoded");
  }
  std::vector<std::uint8_t> row(static_cast<std::size_t>(width) * 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint32_t* from = pixels.data() + static_cast<std::size_t>(y) * width;
    for (std::uint32_t x = 0; x < width; ++x) {
      row[3 * x] = static_cast<std::uint8_t>(TIFFGetR(from[x]));
      row[3 * x + 1] = static_cast<std::uint8_t>(TIFFGetG(from[x]));
      row[3 * x + 2] = static_cast<std::uint8_t>(TIFFGetB(from[x]));
    }
    sink(row.data());
  }
}

}  // namespace

std::unique_ptr<Decoder> open_tiff(ByteView bytes) { return std::make_unique<TiffDecoder>(bytes); }

}  // namespace styletransfer
