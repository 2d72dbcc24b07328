// JPEG decoder through libjpeg-turbo: scaled decoding, CMYK detection, truncation detection.
#include <cstdio>
// jpeglib.h needs size_t and FILE.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "image/codecs/codec_versions.h"
#include "image/codecs/decoder.h"
#include "image/codecs/longjmp_guard.h"

namespace styletransfer {
namespace {

struct ErrorState {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  bool data_ended;
  bool segment_cut;
  bool bad_profile;
  bool corrupt;
};

ErrorState& state_of(j_common_ptr info) { return *reinterpret_cast<ErrorState*>(info->err); }

void on_error(j_common_ptr info) {
  ErrorState& state = state_of(info);
  info->err->format_message(info, state.message);
  std::longjmp(state.jump, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  ErrorState& state = state_of(info);
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      state.data_ended = true;
      break;
    case JWRN_HIT_MARKER:
      state.segment_cut = true;
      break;
    case JWRN_BOGUS_ICC:
      state.bad_profile = true;
      break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      state.corrupt = true;
      break;
    default:
      break;
  }
}

class JpegDecoder final : public Decoder {
 public:
  explicit JpegDecoder(ByteView bytes);
  ~JpegDecoder() override { jpeg_destroy_decompress(&info_); }

  RowGeometry choose_reduction(int wanted_long_edge_px) override;
  [[nodiscard]] std::size_t working_bytes() const override;
  void decode(const RowSink& sink) override;

 private:
  template <typename Call>
  void guarded(Call&& call) {
    if (!finishes_without_jump(errors_.jump, call)) fail();
  }
  [[noreturn]] void fail() const;
  void choose_color_model();
  void read_profile();
  void check_row(int row) const;
  void note_end();

  jpeg_decompress_struct info_{};
  ErrorState errors_{};
};

JpegDecoder::JpegDecoder(ByteView bytes) {
  info_.err = jpeg_std_error(&errors_.manager);
  errors_.manager.error_exit = on_error;
  errors_.manager.emit_message = on_message;
  try {
    guarded([&] { jpeg_create_decompress(&info_); });
    guarded([&] { jpeg_mem_src(&info_, bytes.data(), bytes.size()); });
    guarded([&] { jpeg_save_markers(&info_, JPEG_APP0 + 2, 0xFFFF); });
    guarded([&] { jpeg_read_header(&info_, TRUE); });
    check_claimed_size(info_.image_width, info_.image_height);
    choose_color_model();
    read_profile();
  } catch (...) {
    jpeg_destroy_decompress(&info_);
    throw;
  }
  header_.stored_size = {static_cast<int>(info_.image_width), static_cast<int>(info_.image_height)};
  header_.bits_per_channel = info_.data_precision;
  if (info_.saw_JFIF_marker && info_.X_density > 1) {
    if (info_.density_unit == 1) header_.dpi = info_.X_density;
    if (info_.density_unit == 2) header_.dpi = info_.X_density * 2.54;
  }
}

void JpegDecoder::fail() const {
  switch (errors_.manager.msg_code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
      throw unread_file("a JPEG of a kind", installed_libjpeg(), errors_.message,
                        "save it as a common 8-bit JPEG or as PNG first");
    case JERR_OUT_OF_MEMORY:
      throw std::bad_alloc();
    default:
      break;
  }
  if (errors_.data_ended) throw truncated_file("JPEG", "its data ends early");
  throw damaged_file("JPEG", errors_.message);
}

void JpegDecoder::choose_color_model() {
  switch (info_.jpeg_color_space) {
    case JCS_GRAYSCALE:
      info_.out_color_space = JCS_GRAYSCALE;
      header_.layout.model = ColorModel::kGray;
      break;
    case JCS_YCbCr:
    case JCS_RGB:
      info_.out_color_space = JCS_RGB;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      info_.out_color_space = JCS_CMYK;
      header_.layout.model = ColorModel::kCmyk;
      break;
    default:
      throw DecodeError("a JPEG with " + std::to_string(info_.num_components) +
                        " channels of no known meaning; convert it to RGB with another program");
  }
}

void JpegDecoder::read_profile() {
  JOCTET* data = nullptr;
  unsigned int length = 0;
  guarded([&] {
    if (!jpeg_read_icc_profile(&info_, &data, &length)) data = nullptr;
  });
  if (data != nullptr) header_.icc_profile.assign(data, data + length);
  std::free(data);
  if (errors_.bad_profile) {
    warnings_.emplace_back("the color profile is incomplete and left aside; read as sRGB");
  }
}

RowGeometry JpegDecoder::choose_reduction(int wanted_long_edge_px) {
  const Size full = header_.stored_size;
  const int long_edge = std::max(full.width_px, full.height_px);
  unsigned eighths = 8;
  // Powers of two only: the library has optimized code for them.
  while (wanted_long_edge_px > 0 && eighths > 1 &&
         static_cast<std::int64_t>(long_edge) * (eighths / 2) >=
             static_cast<std::int64_t>(wanted_long_edge_px) * 8) {
    eighths /= 2;
  }
  info_.scale_num = eighths;
  info_.scale_denom = 8;
  guarded([&] { jpeg_calc_output_dimensions(&info_); });
  const double scale = eighths / 8.0;
  return {{static_cast<int>(info_.output_width), static_cast<int>(info_.output_height)},
          full.width_px * scale,
          full.height_px * scale};
}

std::size_t JpegDecoder::working_bytes() const {
  if (!info_.progressive_mode && !jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&info_))) {
    return 0;
  }
  // With several scans, every coefficient is held in memory until the last one.
  std::size_t coefficients = 0;
  for (int i = 0; i < info_.num_components; ++i) {
    const jpeg_component_info& c = info_.comp_info[i];
    coefficients += std::size_t{info_.image_width} * c.h_samp_factor / info_.max_h_samp_factor *
                    info_.image_height * c.v_samp_factor / info_.max_v_samp_factor;
  }
  return coefficients * sizeof(JCOEF);
}

void JpegDecoder::check_row(int row) const {
  if (!errors_.segment_cut) return;
  const std::string at = "its data ends early, at row " + std::to_string(row) + " of " +
                         std::to_string(info_.output_height);
  if (errors_.data_ended) throw truncated_file("JPEG", at);
  throw damaged_file("JPEG", "a stretch of its data is missing near row " + std::to_string(row));
}

void JpegDecoder::note_end() {
  if (errors_.corrupt) {
    warnings_.emplace_back("the JPEG is damaged: parts of the image may look wrong");
  } else if (errors_.data_ended) {
    warnings_.emplace_back("the JPEG has no end mark; it may be incomplete");
  }
}

void JpegDecoder::decode(const RowSink& sink) {
  guarded([&] { jpeg_start_decompress(&info_); });
  check_row(0);
  std::vector<JSAMPLE> row(std::size_t{info_.output_width} * info_.output_components);
  while (info_.output_scanline < info_.output_height) {
    JSAMPROW target = row.data();
    guarded([&] { jpeg_read_scanlines(&info_, &target, 1); });
    check_row(static_cast<int>(info_.output_scanline));
    // Four-channel JPEGs store inverted inks, with or without Adobe's marker.
    if (header_.layout.model == ColorModel::kCmyk) {
      for (JSAMPLE& sample : row) sample = static_cast<JSAMPLE>(255 - sample);
    }
    sink(row.data());
  }
  // Errors after the last row cannot affect the image.
  if (!finishes_without_jump(errors_.jump, [&] { jpeg_finish_decompress(&info_); })) {
    warnings_.emplace_back("the JPEG's end is damaged");
  }
  note_end();
}

}  // namespace

std::unique_ptr<Decoder> open_jpeg(ByteView bytes) { return std::make_unique<JpegDecoder>(bytes); }

}  // namespace styletransfer
