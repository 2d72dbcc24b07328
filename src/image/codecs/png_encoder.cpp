// PNG encoder through libpng: 8 or 16 bits, alpha, profile, Exif and XMP.
#include <png.h>

#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "image/codecs/encoder.h"
#include "image/codecs/longjmp_guard.h"
#include "image/icc/color_profiles.h"

namespace styletransfer {
namespace {

class PngWriter {
 public:
  PngWriter(const EncodeJob& job, std::FILE* stream) : job_(job), rows_(job.image, true) {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](auto, auto) {});
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, &info_);
      throw EncodeError(ENOMEM, "no memory for the PNG writer");
    }
    png_init_io(png_, stream);
  }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }

  void write() {
    write_head();
    if (job_.options.bit_depth == 16) {
      write_rows<std::uint16_t>();
    } else {
      write_rows<std::uint8_t>();
    }
    guarded([&] { png_write_end(png_, nullptr); });
  }

 private:
  static void on_error(png_structp png, png_const_charp message) {
    auto& self = *static_cast<PngWriter*>(png_get_error_ptr(png));
    self.error_number_ = errno;
    std::strncpy(self.message_, message, sizeof(self.message_) - 1);
    std::longjmp(self.jump_, 1);
  }

  template <typename Call>
  void guarded(Call&& call) {
    errno = 0;
    if (!finishes_without_jump(jump_, call)) throw EncodeError(error_number_, message_);
  }

  void write_head() {
    const ProfileBytes& profile = srgb_profile();
    std::vector<png_byte> exif(job_.exif);
    png_text xmp{};
    char keyword[] = "XML:com.adobe.xmp";
    std::string packet = job_.xmp;
    xmp.compression = PNG_ITXT_COMPRESSION_NONE;
    xmp.key = keyword;
    xmp.text = packet.data();
    xmp.itxt_length = packet.size();
    const Size size = job_.image.size;
    const bool wide = job_.options.bit_depth == 16;
    guarded([&] {
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_set_IHDR(png_, info_, static_cast<png_uint_32>(size.width_px),
                   static_cast<png_uint_32>(size.height_px), wide ? 16 : 8,
                   rows_.channels() == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                   PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
      png_set_iCCP(png_, info_, "sRGB", PNG_COMPRESSION_TYPE_BASE, profile.data(),
                   static_cast<png_uint_32>(profile.size()));
      if (job_.options.metadata.dpi > 0.0) {
        const auto per_metre =
            static_cast<png_uint_32>(std::lround(job_.options.metadata.dpi / 0.0254));
        png_set_pHYs(png_, info_, per_metre, per_metre, PNG_RESOLUTION_METER);
      }
      png_set_eXIf_1(png_, info_, static_cast<png_uint_32>(exif.size()), exif.data());
      if (!packet.empty()) png_set_text(png_, info_, &xmp, 1);
      png_write_info(png_, info_);
      if (wide && std::endian::native == std::endian::little) png_set_swap(png_);
    });
  }

  template <typename Sample>
  void write_rows() {
    std::vector<Sample> row(static_cast<std::size_t>(job_.image.size.width_px) * rows_.channels());
    for (int y = 0; y < job_.image.size.height_px; ++y) {
      rows_.read(y, row.data());
      guarded([&] { png_write_row(png_, reinterpret_cast<png_const_bytep>(row.data())); });
    }
  }

  const EncodeJob& job_;
  IntegerRows rows_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  int error_number_ = 0;
  char message_[200] = {};
};

}  // namespace

void encode_png(const EncodeJob& job, std::FILE* stream) { PngWriter(job, stream).write(); }

}  // namespace styletransfer
