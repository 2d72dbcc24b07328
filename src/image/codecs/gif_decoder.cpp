// GIF decoder through giflib: the first frame on its canvas.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "image/codecs/codec_versions.h"
#include "image/codecs/decoder.h"
#include "image/codecs/gif_lzw.h"

namespace styletransfer {
namespace {

struct ByteSource {
  ByteView bytes;
  std::size_t position = 0;
};

int read_bytes(GifFileType* gif, GifByteType* target, int count) {
  auto& source = *static_cast<ByteSource*>(gif->UserData);
  const std::size_t n = std::min<std::size_t>(count, source.bytes.size() - source.position);
  std::memcpy(target, source.bytes.data() + source.position, n);
  source.position += n;
  return static_cast<int>(n);
}

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

class GifDecoder final : public Decoder {
 public:
  explicit GifDecoder(ByteView bytes) : source_{bytes} {
    int error = 0;
    gif_.reset(DGifOpen(&source_, read_bytes, &error));
    if (!gif_) fail(error);
    // The first frame's position is known only after its descriptor is read.
    find_first_frame();
    check_claimed_size(static_cast<std::uint64_t>(gif_->SWidth),
                       static_cast<std::uint64_t>(gif_->SHeight));
    header_.stored_size = {gif_->SWidth, gif_->SHeight};
    const GifImageDesc& frame = gif_->Image;
    const bool covers = frame.Left == 0 && frame.Top == 0 && frame.Width >= gif_->SWidth &&
                        frame.Height >= gif_->SHeight;
    header_.layout.has_alpha = clear_index_ >= 0 || !covers;
  }

  [[nodiscard]] std::size_t working_bytes() const override {
    return static_cast<std::size_t>(gif_->Image.Width) * gif_->Image.Height *
           (gif_->Image.Interlace ? 2 : 1);
  }

  void decode(const RowSink& sink) override {
    const GifImageDesc& frame = gif_->Image;
    const std::vector<GifPixelType> codes = read_frame();
    const std::vector<std::uint8_t> palette = frame_palette();
    const std::size_t channels = header_.layout.channels();
    std::vector<std::uint8_t> row(header_.stored_size.width_px * channels);
    for (int y = 0; y < header_.stored_size.height_px; ++y) {
      std::fill(row.begin(), row.end(), std::uint8_t{0});
      if (y >= frame.Top && y - frame.Top < frame.Height) {
        paint_row(codes.data() + static_cast<std::size_t>(y - frame.Top) * frame.Width, palette,
                  row);
      }
      sink(row.data());
    }
    note_animation();
  }

 private:
  [[noreturn]] void fail(int error) const {
    const char* text = GifErrorString(error);
    const std::string detail = text != nullptr ? text : "";
    if (source_.position >= source_.bytes.size()) {
      throw truncated_file("GIF", "its data ends early");
    }
    throw unread_file("a GIF", installed_giflib(), detail,
                      "if other programs open it, save it there as PNG; else get a sound copy of "
                      "the file");
  }

  void require(int result) const {
    if (result == GIF_ERROR) fail(gif_->Error);
  }

  void find_first_frame() {
    while (true) {
      GifRecordType type = UNDEFINED_RECORD_TYPE;
      require(DGifGetRecordType(gif_.get(), &type));
      if (type == IMAGE_DESC_RECORD_TYPE) break;
      if (type != EXTENSION_RECORD_TYPE) throw damaged_file("GIF", "it holds no image");
      read_extension();
    }
    if (DGifGetImageDesc(gif_.get()) == GIF_ERROR) find_wide_codes();
    if (gif_->Image.Width <= 0 || gif_->Image.Height <= 0) {
      throw damaged_file("GIF", "its first frame has no pixels");
    }
    const auto width = static_cast<std::uint64_t>(gif_->Image.Width);
    const auto height = static_cast<std::uint64_t>(gif_->Image.Height);
    check_claimed_size(width, height);
    // A 12-bit code stands for at most 4096 pixels.
    if (width * height / 4096 > source_.bytes.size()) {
      throw truncated_file("GIF", "it has fewer bytes than its " + std::to_string(width) + "x" +
                                      std::to_string(height) + " px need");
    }
  }

  /// The library accepts initial codes of up to 8 bits; wider ones waste space but are valid. At
  /// that point it has read everything up to the code width.
  void find_wide_codes() {
    if (source_.position >= source_.bytes.size()) fail(gif_->Error);
    const int code_bits = source_.bytes[source_.position - 1];
    if (code_bits <= 8 || code_bits > kMaxGifCodeBits) fail(gif_->Error);
    wide_code_bits_ = code_bits;
  }

  void read_extension() {
    int code = 0;
    GifByteType* block = nullptr;
    require(DGifGetExtension(gif_.get(), &code, &block));
    while (block != nullptr) {
      GraphicsControlBlock control;
      if (code == GRAPHICS_EXT_FUNC_CODE &&
          DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
        clear_index_ = control.TransparentColor;
      }
      require(DGifGetExtensionNext(gif_.get(), &block));
    }
  }

  void read_rows(std::vector<GifPixelType>& codes) {
    const auto width = static_cast<std::size_t>(gif_->Image.Width);
    if (wide_code_bits_ > 0) {
      decode_gif_lzw(source_.bytes, source_.position, wide_code_bits_, codes);
      source_.position = after_gif_blocks(source_.bytes, source_.position);
      return;
    }
    for (std::size_t at = 0; at < codes.size(); at += width) {
      require(DGifGetLine(gif_.get(), codes.data() + at, gif_->Image.Width));
    }
  }

  [[nodiscard]] std::vector<GifPixelType> read_frame() {
    const GifImageDesc& frame = gif_->Image;
    const auto width = static_cast<std::size_t>(frame.Width);
    std::vector<GifPixelType> stored(width * frame.Height);
    read_rows(stored);
    if (!frame.Interlace) return stored;
    std::vector<GifPixelType> codes(stored.size());
    constexpr std::array<std::array<int, 2>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    const GifPixelType* from = stored.data();
    for (const std::array<int, 2>& pass : kPasses) {
      for (int y = pass[0]; y < frame.Height; y += pass[1], from += width) {
        std::copy_n(from, width, codes.data() + static_cast<std::size_t>(y) * width);
      }
    }
    return codes;
  }

  /// 256 RGB entries; codes missing from the file's palette are black.
  [[nodiscard]] std::vector<std::uint8_t> frame_palette() const {
    const ColorMapObject* map =
        gif_->Image.ColorMap != nullptr ? gif_->Image.ColorMap : gif_->SColorMap;
    if (map == nullptr) {
      throw DecodeError(
          "a GIF without a palette, whose colors are not known; open it in another "
          "program and save it as PNG");
    }
    std::vector<std::uint8_t> palette(256 * 3, 0);
    for (int i = 0; i < std::min(map->ColorCount, 256); ++i) {
      palette[3 * i] = map->Colors[i].Red;
      palette[3 * i + 1] = map->Colors[i].Green;
      palette[3 * i + 2] = map->Colors[i].Blue;
    }
    return palette;
  }

  void paint_row(const GifPixelType* codes, const std::vector<std::uint8_t>& palette,
                 std::vector<std::uint8_t>& row) const {
    const GifImageDesc& frame = gif_->Image;
    const std::size_t channels = header_.layout.channels();
    for (int x = 0; x < frame.Width && frame.Left + x < header_.stored_size.width_px; ++x) {
      std::uint8_t* out = row.data() + (frame.Left + x) * channels;
      std::copy_n(palette.data() + 3 * codes[x], 3, out);
      if (channels == 4) out[3] = codes[x] == clear_index_ ? 0 : 255;
    }
  }

  void note_animation() {
    const std::uint64_t more = count_gif_frames(source_.bytes, source_.position);
    if (more > 0) warnings_.push_back(animation_warning("GIF", more + 1));
  }

  ByteSource source_;
  std::unique_ptr<GifFileType, CloseGif> gif_;
  /// Initial code width if the library does not support it; 0: it does.
  int wide_code_bits_ = 0;
  int clear_index_ = NO_TRANSPARENT_COLOR;
};

}  // namespace

std::unique_ptr<Decoder> open_gif(ByteView bytes) { return std::make_unique<GifDecoder>(bytes); }

}  // namespace styletransfer
