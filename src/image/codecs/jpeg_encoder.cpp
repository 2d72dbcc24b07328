// JPEG encoder through libjpeg-turbo: full color resolution (4:4:4), profile, Exif and XMP.
#include <cstdio>
// jpeglib.h needs size_t and FILE.
#include <jpeglib.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "image/codecs/encoder.h"
#include "image/codecs/longjmp_guard.h"
#include "image/icc/color_profiles.h"

namespace styletransfer {
namespace {

constexpr std::size_t kMaxMarkerBytes = 65533;

struct ErrorState {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  int error_number;
  char message[JMSG_LENGTH_MAX];
};

void on_error(j_common_ptr info) {
  auto& state = *reinterpret_cast<ErrorState*>(info->err);
  state.error_number = errno;
  info->err->format_message(info, state.message);
  std::longjmp(state.jump, 1);
}

class JpegWriter {
 public:
  JpegWriter(const EncodeJob& job, std::FILE* stream) : job_(job) {
    info_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = on_error;
    guarded([&] { jpeg_create_compress(&info_); });
    guarded([&] { jpeg_stdio_dest(&info_, stream); });
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() { jpeg_destroy_compress(&info_); }

  void write() {
    set_parameters();
    guarded([&] { jpeg_start_compress(&info_, TRUE); });
    write_markers();
    const IntegerRows rows(job_.image, false);
    std::vector<JSAMPLE> row(static_cast<std::size_t>(job_.image.size.width_px) * 3);
    for (int y = 0; y < job_.image.size.height_px; ++y) {
      rows.read(y, row.data());
      JSAMPROW pointer = row.data();
      guarded([&] { jpeg_write_scanlines(&info_, &pointer, 1); });
    }
    guarded([&] { jpeg_finish_compress(&info_); });
  }

 private:
  template <typename Call>
  void guarded(Call&& call) {
    errno = 0;
    if (!finishes_without_jump(errors_.jump, call)) {
      throw EncodeError(errors_.error_number, errors_.message);
    }
  }

  void set_parameters() {
    info_.image_width = static_cast<JDIMENSION>(job_.image.size.width_px);
    info_.image_height = static_cast<JDIMENSION>(job_.image.size.height_px);
    info_.input_components = 3;
    info_.in_color_space = JCS_RGB;
    guarded([&] {
      jpeg_set_defaults(&info_);
      jpeg_set_quality(&info_, job_.options.quality, TRUE);
    });
    for (int i = 0; i < info_.num_components; ++i) {
      info_.comp_info[i].h_samp_factor = 1;
      info_.comp_info[i].v_samp_factor = 1;
    }
    info_.optimize_coding = TRUE;
    const double dpi = std::round(job_.options.metadata.dpi);
    if (dpi >= 1.0 && dpi <= 65535.0) {
      info_.density_unit = 1;
      info_.X_density = info_.Y_density = static_cast<UINT16>(dpi);
    }
  }

  void write_markers() {
    write_marker("Exif\0", 6, job_.exif.data(), job_.exif.size());
    write_marker("http://ns.adobe.com/xap/1.0/", 29, job_.xmp.data(), job_.xmp.size());
    const ProfileBytes& profile = srgb_profile();
    guarded([&] {
      jpeg_write_icc_profile(&info_, profile.data(), static_cast<unsigned>(profile.size()));
    });
  }

  /// Writes an APP1 marker: its identifier, then the data; omitted if it does not fit.
  void write_marker(const char* name, std::size_t name_bytes, const void* data, std::size_t bytes) {
    if (bytes == 0 || name_bytes + bytes > kMaxMarkerBytes) return;
    std::vector<JOCTET> marker(name_bytes + bytes);
    std::memcpy(marker.data(), name, name_bytes);
    std::memcpy(marker.data() + name_bytes, data, bytes);
    guarded([&] {
      jpeg_write_marker(&info_, JPEG_APP0 + 1, marker.data(), static_cast<unsigned>(marker.size()));
    });
  }

  const EncodeJob& job_;
  jpeg_compress_struct info_{};
  ErrorState errors_{};
};

}  // namespace

void encode_jpeg(const EncodeJob& job, std::FILE* stream) { JpegWriter(job, stream).write(); }

}  // namespace styletransfer
