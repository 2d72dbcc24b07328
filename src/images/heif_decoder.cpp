// HEIC and AVIF through libheif.
#include <libheif/heif.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "images/color_profiles.h"
#include "images/decoder.h"

namespace styletransfer {
namespace {

struct FreeContext {
  void operator()(heif_context* context) const { heif_context_free(context); }
};
struct FreeHandle {
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
};
struct FreeImage {
  void operator()(heif_image* image) const { heif_image_release(image); }
};

class HeifDecoder final : public Decoder {
 public:
  HeifDecoder(ByteView bytes, std::string name)
      : name_(std::move(name)), context_(heif_context_alloc()) {
    check(heif_context_read_from_memory_without_copy(context_.get(), bytes.data(), bytes.size(),
                                                     nullptr));
    heif_image_handle* handle = nullptr;
    check(heif_context_get_primary_image_handle(context_.get(), &handle));
    handle_.reset(handle);
    const int width = heif_image_handle_get_width(handle);
    const int height = heif_image_handle_get_height(handle);
    check_claimed_size(static_cast<std::uint64_t>(std::max(width, 0)),
                       static_cast<std::uint64_t>(std::max(height, 0)));
    header_.stored_size = {width, height};
    // The library turns the picture as its container says; the Exif copy of that must not count.
    header_.orientation = 1;
    header_.bits_per_channel = heif_image_handle_get_luma_bits_per_pixel(handle);
    header_.layout.has_alpha = heif_image_handle_has_alpha_channel(handle) != 0;
    header_.layout.premultiplied = heif_image_handle_is_premultiplied_alpha(handle) != 0;
    header_.layout.type = header_.bits_per_channel > 8 ? SampleType::kUint16 : SampleType::kUint8;
    read_profile();
    read_exif();
  }

  [[nodiscard]] std::size_t working_bytes() const override {
    // The coded planes, and the interleaved picture made of them.
    return header_.layout.bytes_per_pixel() * header_.stored_size.width_px *
           header_.stored_size.height_px * 2;
  }

  void decode(const RowSink& sink) override {
    const bool alpha = header_.layout.has_alpha;
    const bool little = std::endian::native == std::endian::little;
    heif_chroma chroma = alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
    if (header_.layout.type == SampleType::kUint16) {
      chroma =
          alpha
              ? (little ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBBAA_BE)
              : (little ? heif_chroma_interleaved_RRGGBB_LE : heif_chroma_interleaved_RRGGBB_BE);
    }
    heif_image* decoded = nullptr;
    check(heif_decode_image(handle_.get(), &decoded, heif_colorspace_RGB, chroma, nullptr));
    const std::unique_ptr<heif_image, FreeImage> image(decoded);
    int stride = 0;
    const std::uint8_t* plane =
        heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    const int bits = heif_image_get_bits_per_pixel_range(decoded, heif_channel_interleaved);
    if (plane == nullptr ||
        heif_image_get_width(decoded, heif_channel_interleaved) != header_.stored_size.width_px ||
        heif_image_get_height(decoded, heif_channel_interleaved) != header_.stored_size.height_px) {
      throw damaged_file(name_, "its pixels do not fit its header");
    }
    deliver(plane, stride, bits, sink);
  }

 private:
  void check(const heif_error& error) const {
    switch (error.code) {
      case heif_error_Ok:
        return;
      case heif_error_Unsupported_filetype:
      case heif_error_Unsupported_feature:
      case heif_error_Decoder_plugin_error:
        throw DecodeError("a picture of type " + name_ +
                          " that the installed libheif cannot decode (" + error.message +
                          "); convert it to JPEG or PNG");
      case heif_error_Memory_allocation_error:
        throw DecodeError("too large for the " + name_ + " decoder (" + error.message +
                          "); convert it to JPEG or PNG");
      default:
        throw damaged_file(name_, std::string(error.message) + " (it may be truncated)");
    }
  }

  void read_profile() {
    const std::size_t length = heif_image_handle_get_raw_color_profile_size(handle_.get());
    if (length > 0) {
      header_.icc_profile.resize(length);
      const heif_error error =
          heif_image_handle_get_raw_color_profile(handle_.get(), header_.icc_profile.data());
      if (error.code != heif_error_Ok) header_.icc_profile.clear();
      return;
    }
    heif_color_profile_nclx* nclx = nullptr;
    const heif_error error = heif_image_handle_get_nclx_color_profile(handle_.get(), &nclx);
    if (error.code != heif_error_Ok || nclx == nullptr) return;
    const int primaries = nclx->color_primaries;
    const int transfer = nclx->transfer_characteristics;
    heif_nclx_color_profile_free(nclx);
    header_.icc_profile = profile_from_code_points(primaries, transfer);
  }

  void read_exif() {
    heif_item_id id = 0;
    if (heif_image_handle_get_list_of_metadata_block_IDs(handle_.get(), "Exif", &id, 1) != 1)
      return;
    std::vector<std::uint8_t> block(heif_image_handle_get_metadata_size(handle_.get(), id));
    constexpr std::size_t kOffsetBytes = 4;
    if (block.size() <= kOffsetBytes) return;
    const heif_error error = heif_image_handle_get_metadata(handle_.get(), id, block.data());
    if (error.code != heif_error_Ok) return;
    // The block begins with the distance to the TIFF header in it.
    const std::size_t distance = std::size_t{block[0]} << 24 | std::size_t{block[1]} << 16 |
                                 std::size_t{block[2]} << 8 | block[3];
    if (distance >= block.size() - kOffsetBytes) return;
    header_.exif.assign(block.begin() + static_cast<std::ptrdiff_t>(kOffsetBytes + distance),
                        block.end());
  }

  void deliver(const std::uint8_t* plane, int stride, int bits, const RowSink& sink) const {
    const std::size_t values =
        static_cast<std::size_t>(header_.stored_size.width_px) * header_.layout.channels();
    const std::uint32_t top = (1U << bits) - 1;
    std::vector<std::uint16_t> words(values);
    for (int y = 0; y < header_.stored_size.height_px; ++y) {
      const std::uint8_t* row = plane + static_cast<std::size_t>(stride) * y;
      if (header_.layout.type == SampleType::kUint8) {
        sink(row);
        continue;
      }
      const auto* samples = reinterpret_cast<const std::uint16_t*>(row);
      for (std::size_t i = 0; i < values; ++i) {
        words[i] =
            static_cast<std::uint16_t>(std::min<std::uint32_t>(samples[i], top) * 65535U / top);
      }
      sink(words.data());
    }
  }

  std::string name_;
  std::unique_ptr<heif_context, FreeContext> context_;
  std::unique_ptr<heif_image_handle, FreeHandle> handle_;
};

}  // namespace

std::unique_ptr<Decoder> open_heif(ByteView bytes, const std::string& format_name) {
  return std::make_unique<HeifDecoder>(bytes, format_name);
}

}  // namespace styletransfer
