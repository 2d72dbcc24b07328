// WebP through libwebp: lossy and lossless, with alpha; of an animation the first frame.
#include <webp/decode.h>
#include <webp/demux.h>

#include "images/decoder.h"

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
    // Frames of an animation may leave part of the canvas clear.
    header_.layout.has_alpha = features.has_alpha != 0 || animated_;
    read_profile();
    if (animated_) warnings_.emplace_back("an animated WebP: its first frame is used");
  }

  [[nodiscard]] std::size_t working_bytes() const override {
    // An animation is composed on a canvas and compared with the one before.
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
  static void check(VP8StatusCode status) {
    switch (status) {
      case VP8_STATUS_OK:
        return;
      case VP8_STATUS_NOT_ENOUGH_DATA:
      case VP8_STATUS_SUSPENDED:
        throw truncated_file("WebP", "its data ends early");
      case VP8_STATUS_OUT_OF_MEMORY:
        throw DecodeError("no memory to decode the WebP; free some");
      default:
        throw damaged_file("WebP", "its data makes no sense");
    }
  }

  [[nodiscard]] std::size_t stride() const {
    return header_.layout.bytes_per_pixel() * header_.stored_size.width_px;
  }
  [[nodiscard]] std::size_t pixel_bytes() const { return stride() * header_.stored_size.height_px; }

  void read_profile() {
    const WebPData data{bytes_.data(), bytes_.size()};
    WebPDemuxState state{};
    const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemuxPartial(&data, &state));
    WebPChunkIterator chunk{};
    if (demuxer && WebPDemuxGetChunk(demuxer.get(), "ICCP", 1, &chunk) != 0) {
      header_.icc_profile.assign(chunk.chunk.bytes, chunk.chunk.bytes + chunk.chunk.size);
    }
    WebPDemuxReleaseChunkIterator(&chunk);
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
      throw damaged_file("WebP", "its first frame cannot be decoded; the file may be truncated");
    }
    deliver(canvas, sink);
  }

  ByteView bytes_;
  bool animated_ = false;
};

}  // namespace

std::unique_ptr<Decoder> open_webp(ByteView bytes) { return std::make_unique<WebpDecoder>(bytes); }

}  // namespace styletransfer
