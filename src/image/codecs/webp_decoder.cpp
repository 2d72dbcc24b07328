// WebP decoder through libwebp: lossy and lossless, with alpha; first frame of an animation.
#include <webp/decode.h>
#include <webp/demux.h>

#include "image/codecs/codec_versions.h"
#include "image/codecs/decoder.h"

namespace styletransfer {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
struct DeleteAnimation {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

class WebpDecoder final : public Decoder {
 public:
  explicit WebpDecoder(ByteView bytes) : bytes_(bytes) {
    WebPBitstreamFeatures features;
    check(WebPGetFeatures(bytes.data(), bytes.size(), &features));
    check_claimed_size(static_cast<std::uint64_t>(features.width),
                       static_cast<std::uint64_t>(features.height));
    header_.stored_size = {features.width, features.height};
    animated_ = features.has_animation != 0;
    // Frames of an animation may leave part of the canvas transparent.
    header_.layout.has_alpha = features.has_alpha != 0 || animated_;
    read_profile_and_frames();
  }

  [[nodiscard]] std::size_t working_bytes() const override {
    // The library composes an animation on a canvas and compares it with the previous one.
    return pixel_bytes() * (animated_ ? 4 : 1);
  }

  void decode(const RowSink& sink) override {
    if (animated_) {
      decode_first_frame(sink);
    } else {
      decode_still(sink);
    }
  }

 private:
  void check(VP8StatusCode status) const {
    if (status != VP8_STATUS_OK) check_whole();
    switch (status) {
      case VP8_STATUS_OK:
        return;
      case VP8_STATUS_NOT_ENOUGH_DATA:
      case VP8_STATUS_SUSPENDED:
        throw truncated_file("WebP", "its data ends early");
      case VP8_STATUS_OUT_OF_MEMORY:
        throw DecodeError("no memory to decode the WebP; free some");
      case VP8_STATUS_UNSUPPORTED_FEATURE:
        refuse("unsupported feature");
      default:
        refuse("its data makes no sense to it");
    }
  }

  [[noreturn]] static void refuse(const std::string& detail) {
    throw unread_file("a WebP", installed_libwebp(), detail,
                      "if other programs open it, save it there as PNG; else get a sound copy of "
                      "the file");
  }

  /// The second word of the file is the length of everything after it.
  void check_whole() const {
    constexpr std::size_t kHeaderBytes = 8;
    if (bytes_.size() < kHeaderBytes) return;
    const std::uint64_t claimed = kHeaderBytes + (std::uint64_t{bytes_[4]} | bytes_[5] << 8 |
                                                  bytes_[6] << 16 | std::uint64_t{bytes_[7]} << 24);
    if (claimed <= bytes_.size()) return;
    throw truncated_file("WebP", "its header says " + std::to_string(claimed) +
                                     " bytes, the file has " + std::to_string(bytes_.size()));
  }

  [[nodiscard]] std::size_t stride() const {
    return header_.layout.bytes_per_pixel() * header_.stored_size.width_px;
  }
  [[nodiscard]] std::size_t pixel_bytes() const { return stride() * header_.stored_size.height_px; }

  void read_profile_and_frames() {
    const WebPData data{bytes_.data(), bytes_.size()};
    WebPDemuxState state{};
    const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemuxPartial(&data, &state));
    WebPChunkIterator chunk{};
    if (demuxer && WebPDemuxGetChunk(demuxer.get(), "ICCP", 1, &chunk) != 0) {
      header_.icc_profile.assign(chunk.chunk.bytes, chunk.chunk.bytes + chunk.chunk.size);
    }
    WebPDemuxReleaseChunkIterator(&chunk);
    if (!animated_) return;
    const auto frames = demuxer ? WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT) : 0;
    warnings_.push_back(animation_warning("WebP", frames));
  }

  void deliver(const std::uint8_t* pixels, const RowSink& sink) const {
    for (int y = 0; y < header_.stored_size.height_px; ++y) sink(pixels + stride() * y);
  }

  void decode_still(const RowSink& sink) const {
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0) throw DecodeError("the WebP library does not fit");
    std::vector<std::uint8_t> pixels(pixel_bytes());
    config.output.colorspace = header_.layout.has_alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {pixels.data(), static_cast<int>(stride()), pixels.size()};
    check(WebPDecode(bytes_.data(), bytes_.size(), &config));
    deliver(pixels.data(), sink);
  }

  void decode_first_frame(const RowSink& sink) const {
    const WebPData data{bytes_.data(), bytes_.size()};
    WebPAnimDecoderOptions options;
    if (WebPAnimDecoderOptionsInit(&options) == 0) {
      throw DecodeError("the WebP library does not fit");
    }
    const std::unique_ptr<WebPAnimDecoder, DeleteAnimation> decoder(
        WebPAnimDecoderNew(&data, &options));
    std::uint8_t* canvas = nullptr;
    int timestamp = 0;
    if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &canvas, &timestamp) == 0) {
      check_whole();
      refuse("its first frame cannot be decoded");
    }
    deliver(canvas, sink);
  }

  ByteView bytes_;
  bool animated_ = false;
};

}  // namespace

std::unique_ptr<Decoder> open_webp(ByteView bytes) { return std::make_unique<WebpDecoder>(bytes); }

}  // namespace styletransfer
