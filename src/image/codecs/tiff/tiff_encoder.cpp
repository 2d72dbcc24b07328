// TIFF encoder through libtiff: deflate with a horizontal predictor, unassociated alpha, BigTIFF
// above 4 GB.
#include <tiffio.h>
#include <unistd.h>

#include <cerrno>

#include "image/codecs/encoder.h"
#include "image/codecs/tiff/tiff_memory.h"
#include "image/icc/color_profiles.h"

namespace styletransfer {
namespace {

constexpr std::uint64_t kClassicTiffBytes = 3'500'000'000;

/// Throws EncodeError on failure. Reads errno first, because later calls may change it.
void require(bool success) {
  const int error = errno;
  if (success) return;
  throw EncodeError(error, take_tiff_error());
}

TiffHandle open_for_writing(std::FILE* stream, bool large) {
  capture_tiff_errors();
  take_tiff_error();
  // libtiff closes its descriptor; the stream needs its own.
  const int fd = dup(fileno(stream));
  if (fd < 0) throw EncodeError(errno, "no file descriptor left");
  TIFF* tiff = TIFFFdOpen(fd, "", large ? "w8" : "w");
  if (tiff == nullptr) close(fd);
  require(tiff != nullptr);
  return TiffHandle(tiff);
}

void set_text(TIFF* tiff, ttag_t name, const std::string& text) {
  if (!text.empty()) TIFFSetField(tiff, name, text.c_str());
}

void set_tags(TIFF* tiff, const EncodeJob& job, int channels) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(job.image.size.width_px));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(job.image.size.height_px));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, job.options.bit_depth);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  if (channels == 4) {
    const std::uint16_t kind = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  const ProfileBytes& profile = srgb_profile();
  TIFFSetField(tiff, TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(profile.size()),
               profile.data());
  if (!job.xmp.empty()) {
    TIFFSetField(tiff, TIFFTAG_XMLPACKET, static_cast<std::uint32_t>(job.xmp.size()),
                 job.xmp.data());
  }
  const ImageMetadata& metadata = job.options.metadata;
  if (metadata.dpi > 0.0) {
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, metadata.dpi);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, metadata.dpi);
  }
  set_text(tiff, TIFFTAG_SOFTWARE, "styletransfer");
  set_text(tiff, TIFFTAG_IMAGEDESCRIPTION, metadata.description);
  set_text(tiff, TIFFTAG_COPYRIGHT, metadata.copyright);
  set_text(tiff, TIFFTAG_ARTIST, metadata.artist);
}

template <typename Sample>
void write_rows(TIFF* tiff, const Image& image, const IntegerRows& rows) {
  std::vector<Sample> row(static_cast<std::size_t>(image.size.width_px) * rows.channels());
  for (int y = 0; y < image.size.height_px; ++y) {
    rows.read(y, row.data());
    require(TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0) >= 0);
  }
}

}  // namespace

void encode_tiff(const EncodeJob& job, std::FILE* stream) {
  const IntegerRows rows(job.image, true);
  const std::uint64_t raw_bytes = static_cast<std::uint64_t>(job.image.size.width_px) *
                                  job.image.size.height_px * rows.channels() *
                                  job.options.bit_depth / 8;
  errno = 0;
  const TiffHandle tiff = open_for_writing(stream, raw_bytes > kClassicTiffBytes);
  set_tags(tiff.get(), job, rows.channels());
  if (job.options.bit_depth == 16) {
    write_rows<std::uint16_t>(tiff.get(), job.image, rows);
  } else {
    write_rows<std::uint8_t>(tiff.get(), job.image, rows);
  }
  require(TIFFFlush(tiff.get()) != 0);
}

}  // namespace styletransfer
