// PNG decoder through libpng, including color information (iCCP, cICP, sRGB, gAMA, cHRM).
#include <png.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "image/codecs/codec_versions.h"
#include "image/codecs/decoder.h"
#include "image/codecs/longjmp_guard.h"
#include "image/icc/color_profiles.h"

namespace styletransfer {
namespace {

// Maximum compression ratio of deflate.
constexpr std::uint64_t kMaxDeflateRatio = 1032;

class PngDecoder final : public Decoder {
 public:
  explicit PngDecoder(ByteView bytes);
  ~PngDecoder() override { png_destroy_read_struct(&png_, &info_, nullptr); }

  [[nodiscard]] std::size_t working_bytes() const override;
  void decode(const RowSink& sink) override;

 private:
  template <typename Call>
  void guarded(Call&& call) {
    if (!finishes_without_jump(jump_, call)) fail();
  }
  [[noreturn]] void fail() const;
  static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp png, png_const_charp message);
  static void on_read(png_structp png, png_bytep target, std::size_t count);

  void open();
  void describe();
  void describe_colors(bool gray);
  void describe_resolution();
  /// Reads the chunks that libpng does not know; returns true if one of them defines the colors
  /// (cICP).
  bool read_unknown_chunks();
  bool use_icc_chunk();
  void use_gamma_chunks(bool gray);
  void check_plausible(std::uint64_t stored_row_bytes) const;
  void decode_interlaced(const RowSink& sink);
  void read_end();

  ByteView bytes_;
  std::size_t position_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  char message_[200] = {};
  char profile_message_[200] = {};
  bool ran_out_ = false;
  bool lost_transparency_ = false;
};

void PngDecoder::on_error(png_structp png, png_const_charp message) {
  auto& self = *static_cast<PngDecoder*>(png_get_error_ptr(png));
  std::strncpy(self.message_, message, sizeof(self.message_) - 1);
  std::longjmp(self.jump_, 1);
}

void PngDecoder::on_warning(png_structp png, png_const_charp message) {
  auto& self = *static_cast<PngDecoder*>(png_get_error_ptr(png));
  if (std::strncmp(message, "iCCP", 4) == 0) {
    std::strncpy(self.profile_message_, message, sizeof(self.profile_message_) - 1);
  }
  if (std::strncmp(message, "tRNS", 4) == 0) self.lost_transparency_ = true;
}

void PngDecoder::on_read(png_structp png, png_bytep target, std::size_t count) {
  auto& self = *static_cast<PngDecoder*>(png_get_io_ptr(png));
  if (count > self.bytes_.size() - self.position_) {
    self.ran_out_ = true;
    png_error(png, "its data ends early");
  }
  std::memcpy(target, self.bytes_.data() + self.position_, count);
  self.position_ += count;
}

void PngDecoder::fail() const {
  if (ran_out_) throw truncated_file("PNG", message_);
  // Messages about the checksum of a chunk or of the pixels.
  for (const char* sign : {"CRC", "incorrect data check", "bad adaptive filter", "invalid"}) {
    if (std::strstr(message_, sign) != nullptr) throw damaged_file("PNG", message_);
  }
  throw unread_file("a PNG", installed_libpng(), message_,
                    "if other programs open it, save it there as a common PNG; else get a sound "
                    "copy of the file");
}

PngDecoder::PngDecoder(ByteView bytes) : bytes_(bytes) {
  try {
    open();
    describe();
  } catch (...) {
    png_destroy_read_struct(&png_, &info_, nullptr);
    throw;
  }
}

void PngDecoder::open() {
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  if (png_ != nullptr) info_ = png_create_info_struct(png_);
  if (info_ == nullptr) throw DecodeError("no memory to read the PNG; free some");
  png_set_read_fn(png_, this, on_read);
  guarded([&] {
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // The color library validates profiles; this check knows only old sRGB ones.
    png_set_option(png_, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, 0);
    const png_byte kept[] = {'c', 'I', 'C', 'P', 0, 'a', 'c', 'T', 'L', 0};
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_ALWAYS, kept, 2);
    png_read_info(png_, info_);
  });
}

void PngDecoder::describe() {
  const png_uint_32 width = png_get_image_width(png_, info_);
  const png_uint_32 height = png_get_image_height(png_, info_);
  check_claimed_size(width, height);
  header_.stored_size = {static_cast<int>(width), static_cast<int>(height)};
  const int depth = png_get_bit_depth(png_, info_);
  // Row size as stored: the settings below expand palettes and rows of fewer than 8 bits.
  check_plausible(png_get_rowbytes(png_, info_));
  const int color = png_get_color_type(png_, info_);
  const bool gray = (color & PNG_COLOR_MASK_COLOR) == 0;
  guarded([&] {
    png_set_expand(png_);
    if (depth == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
    png_set_interlace_handling(png_);
  });
  describe_colors(gray);
  describe_resolution();
  guarded([&] { png_read_update_info(png_, info_); });
  header_.bits_per_channel = color == PNG_COLOR_TYPE_PALETTE ? 8 : depth;
  header_.layout.model = gray ? ColorModel::kGray : ColorModel::kRgb;
  header_.layout.type = depth == 16 ? SampleType::kUint16 : SampleType::kUint8;
  // The library only warns when it ignores a transparency chunk (for example, one before the
  // palette).
  header_.layout.has_alpha = png_get_channels(png_, info_) % 2 == 0;
  if (lost_transparency_ && !header_.layout.has_alpha) {
    warnings_.emplace_back(
        "the PNG's transparency chunk is unsound or in the wrong place; left aside");
  }
  if (png_get_rowbytes(png_, info_) != width * header_.layout.bytes_per_pixel()) {
    throw damaged_file("PNG", "its header contradicts itself");
  }
}

void PngDecoder::describe_colors(bool gray) {
  if (read_unknown_chunks() || use_icc_chunk()) return;
  if (profile_message_[0] != '\0') {
    warnings_.push_back(std::string("the color profile is left aside (") + profile_message_ +
                        "); read as sRGB");
    return;
  }
  if (png_get_valid(png_, info_, PNG_INFO_sRGB) == 0) use_gamma_chunks(gray);
}

bool PngDecoder::read_unknown_chunks() {
  png_unknown_chunkp chunks = nullptr;
  const int count = png_get_unknown_chunks(png_, info_, &chunks);
  bool found = false;
  for (int i = 0; i < count; ++i) {
    const png_unknown_chunk& chunk = chunks[i];
    if (std::memcmp(chunk.name, "acTL", 4) == 0) {
      warnings_.emplace_back("an animated PNG: its still image is used");
    }
    if (std::memcmp(chunk.name, "cICP", 4) != 0 || chunk.size != 4) continue;
    header_.icc_profile = profile_from_code_points(chunk.data[0], chunk.data[1]);
    if (chunk.data[3] == 0) {
      warnings_.emplace_back(
          "the PNG says that its values fill the narrow range of video; read as full range");
    }
    found = true;
  }
  return found;
}

bool PngDecoder::use_icc_chunk() {
  png_charp name = nullptr;
  int compression = 0;
  png_bytep profile = nullptr;
  png_uint_32 length = 0;
  if (png_get_iCCP(png_, info_, &name, &compression, &profile, &length) == 0) return false;
  header_.icc_profile.assign(profile, profile + length);
  return true;
}

void PngDecoder::use_gamma_chunks(bool gray) {
  double file_gamma = 0.0;
  const bool has_gamma =
      png_get_gAMA(png_, info_, &file_gamma) != 0 && file_gamma > 0.01 && file_gamma < 100.0;
  Chromaticities c;
  const bool has_primaries = png_get_cHRM(png_, info_, &c.white_x, &c.white_y, &c.red_x, &c.red_y,
                                          &c.green_x, &c.green_y, &c.blue_x, &c.blue_y) != 0 &&
                             !c.is_close_to_srgb();
  // 1/2.2 is what programs write when they mean sRGB.
  const bool srgb_curve = !has_gamma || (std::abs(file_gamma - 0.45455) < 0.001 && !has_primaries);
  if (srgb_curve && (gray || !has_primaries)) return;
  const double exponent = srgb_curve ? 0.0 : 1.0 / file_gamma;
  header_.icc_profile = gray ? gray_profile(exponent) : rgb_profile(c, exponent);
  if (header_.icc_profile.empty()) {
    warnings_.emplace_back("the PNG's color chunks make no sense and are left aside; read as sRGB");
  }
}

void PngDecoder::describe_resolution() {
  png_uint_32 x = 0;
  png_uint_32 y = 0;
  int unit = 0;
  if (png_get_pHYs(png_, info_, &x, &y, &unit) != 0 && unit == PNG_RESOLUTION_METER) {
    header_.dpi = x * 0.0254;
  }
}

void PngDecoder::check_plausible(std::uint64_t stored_row_bytes) const {
  const Size size = header_.stored_size;
  if (stored_row_bytes * size.height_px / kMaxDeflateRatio > bytes_.size()) {
    throw truncated_file("PNG", "its header says " + std::to_string(size.width_px) + "x" +
                                    std::to_string(size.height_px) + " px, but the file has only " +
                                    std::to_string(bytes_.size()) + " bytes");
  }
}

std::size_t PngDecoder::working_bytes() const {
  if (png_get_interlace_type(png_, info_) == PNG_INTERLACE_NONE) return 0;
  return header_.layout.bytes_per_pixel() * header_.stored_size.width_px *
         header_.stored_size.height_px;
}

void PngDecoder::decode(const RowSink& sink) {
  if (png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE) {
    decode_interlaced(sink);
  } else {
    std::vector<png_byte> row(png_get_rowbytes(png_, info_));
    for (int y = 0; y < header_.stored_size.height_px; ++y) {
      guarded([&] { png_read_row(png_, row.data(), nullptr); });
      sink(row.data());
    }
  }
  read_end();
}

void PngDecoder::decode_interlaced(const RowSink& sink) {
  const std::size_t stride = png_get_rowbytes(png_, info_);
  const int height = header_.stored_size.height_px;
  std::vector<png_byte> pixels(stride * height);
  std::vector<png_bytep> rows(height);
  for (int y = 0; y < height; ++y) rows[y] = pixels.data() + stride * y;
  guarded([&] { png_read_image(png_, rows.data()); });
  for (png_byte* row : rows) sink(row);
}

void PngDecoder::read_end() {
  if (finishes_without_jump(jump_, [&] { png_read_end(png_, nullptr); })) return;
  // The checksum of the last pixel data is checked only here.
  if (std::strstr(message_, "IDAT") != nullptr) fail();
  warnings_.emplace_back("the PNG has no sound end; it may be incomplete");
}

}  // namespace

std::unique_ptr<Decoder> open_png(ByteView bytes) { return std::make_unique<PngDecoder>(bytes); }

}  // namespace styletransfer
