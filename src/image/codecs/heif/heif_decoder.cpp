// HEIC and AVIF decoder through libheif.
#include <libheif/heif.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>

#include "image/codecs/codec_versions.h"
#include "image/codecs/decoder.h"
#include "image/codecs/heif/heif_container.h"
#include "image/icc/color_profiles.h"

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

struct Coding {
  std::string_view type;
  std::string_view name;
};
constexpr std::array kCodings{
    Coding{"hvc1", "HEVC"},
    Coding{"av01", "AV1"},
    Coding{"unci", "uncompressed pixels"},
    Coding{"vvc1", "H.266 (VVC)"},
    Coding{"avc1", "H.264 (AVC)"},
    Coding{"evc1", "EVC"},
    Coding{"jpeg", "JPEG"},
    Coding{"j2k1", "JPEG 2000"},
    Coding{"jxl1", "JPEG XL"},
    Coding{"tili", "tiles ('tili')"},
};

std::string coding_name(const std::string& type) {
  for (const Coding& coding : kCodings) {
    if (coding.type == type) return std::string(coding.name);
  }
  return "'" + type + "'";
}

/// One channel of a decoded image.
struct HeifPlane {
  const std::uint8_t* first = nullptr;
  int stride = 0;
  int bits = 8;
  bool full_range = true;

  /// 0..65535.
  [[nodiscard]] std::uint16_t value_at(std::size_t x, int y) const {
    const std::uint8_t* row = first + static_cast<std::size_t>(stride) * y;
    std::int64_t value = row[bits > 8 ? 2 * x : x];
    if (bits > 8) value = reinterpret_cast<const std::uint16_t*>(row)[x];
    // Video range: in 8 bits, black is 16 and white 235.
    const std::int64_t black = full_range ? 0 : std::int64_t{16} << (bits - 8);
    const std::int64_t white =
        full_range ? (std::int64_t{1} << bits) - 1 : std::int64_t{235} << (bits - 8);
    value = std::clamp(value, black, white) - black;
    return static_cast<std::uint16_t>((value * 65535 + (white - black) / 2) / (white - black));
  }
};

class HeifDecoder final : public Decoder {
 public:
  HeifDecoder(ByteView bytes, std::string name) : name_(std::move(name)), container_(bytes) {
    open(bytes);
    heif_image_handle* const handle = handle_.get();
    const int width = heif_image_handle_get_width(handle);
    const int height = heif_image_handle_get_height(handle);
    check_claimed_size(static_cast<std::uint64_t>(std::max(width, 0)),
                       static_cast<std::uint64_t>(std::max(height, 0)));
    header_.stored_size = {width, height};
    // The library rotates the image as its container says; the orientation in Exif must be ignored.
    header_.orientation = 1;
    header_.bits_per_channel = heif_image_handle_get_luma_bits_per_pixel(handle);
    header_.layout.has_alpha = heif_image_handle_has_alpha_channel(handle) != 0;
    header_.layout.premultiplied = heif_image_handle_is_premultiplied_alpha(handle) != 0;
    header_.layout.type = header_.bits_per_channel > 8 ? SampleType::kUint16 : SampleType::kUint8;
    if (container_.has_alpha() && !header_.layout.has_alpha) {
      warnings_.push_back("the " + name_ + "'s transparency is left aside: " + installed_libheif() +
                          " does not read it");
    }
    if (const std::string why = container_.impossible_bytes(); !why.empty()) {
      warnings_.push_back("the " + name_ + " is damaged: " + why +
                          "; parts of the image may look wrong");
    }
    if (container_.is_cut()) {
      warnings_.push_back("the " + name_ + "'s file ends early; parts of the image may look wrong");
    }
    if (container_.has_track()) {
      warnings_.push_back("an animated " + name_ + ": its still image is used, its frames are not");
    }
    read_profile();
    read_exif();
  }

  [[nodiscard]] std::size_t working_bytes() const override {
    // The decoded planes, and the interleaved image made from them.
    return header_.layout.bytes_per_pixel() * header_.stored_size.width_px *
               header_.stored_size.height_px * 2 +
           copy_.size();
  }

  void decode(const RowSink& sink) override {
    if (container_.is_monochrome()) {
      decode_monochrome(sink);
      return;
    }
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
  /// Opens the file as it is, or, if the library rejects it, without the items that its image does
  /// not need.
  void open(ByteView bytes) {
    // Newer libraries decode the available part of a truncated image without an error.
    if (const std::string why = container_.missing_bytes(); !why.empty()) {
      throw truncated_file(name_, why);
    }
    heif_error error = open_context(bytes);
    if (error.code != heif_error_Ok) {
      const std::string first_message = error.message;
      copy_ = container_.with_image_only();
      if (!copy_.empty()) error = open_context(copy_);
      if (error.code != heif_error_Ok) refuse(error, first_message);
    }
  }

  heif_error open_context(ByteView bytes) {
    context_.reset(heif_context_alloc());
    heif_error error = heif_context_read_from_memory_without_copy(context_.get(), bytes.data(),
                                                                  bytes.size(), nullptr);
    if (error.code != heif_error_Ok) return error;
    heif_image_handle* handle = nullptr;
    error = heif_context_get_primary_image_handle(context_.get(), &handle);
    handle_.reset(handle);
    return error;
  }

  void check(const heif_error& error) const {
    if (error.code != heif_error_Ok) refuse(error, error.message);
  }

  [[noreturn]] void refuse(const heif_error& error, const std::string& message) const {
    if (const std::string why = container_.impossible_bytes(); !why.empty()) {
      throw damaged_file(name_, why);
    }
    const std::uint32_t primary = container_.primary_item();
    if (container_.has_items() && primary != 0 && container_.type_of(primary).empty()) {
      throw damaged_file(name_, "its main image, item " + std::to_string(primary) +
                                    ", is not in its list of items");
    }
    if (error.code == heif_error_Memory_allocation_error) {
      throw DecodeError("too large for the " + name_ + " decoder (" + message +
                        "); convert it to JPEG or PNG");
    }
    throw unread_file((name_ == "AVIF" ? "an " : "a ") + name_ + described(), installed_libheif(),
                      message,
                      "install a newer libheif, or open it in another program and save it as "
                      "JPEG or PNG");
  }

  /// Describes the image's coding, for a message.
  [[nodiscard]] std::string described() const {
    if (container_.is_minimized()) return " in the low-overhead layout ('mini')";
    if (!container_.has_items() || container_.primary_item() == 0) {
      return container_.has_track() ? " with a sequence and no still image," : " without items";
    }
    std::string names;
    for (const std::string& type : container_.coded_types()) {
      names += (names.empty() ? " coded as " : " and ") + coding_name(type);
    }
    return names;
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
    // The block begins with the offset of its TIFF header.
    const std::size_t distance = std::size_t{block[0]} << 24 | std::size_t{block[1]} << 16 |
                                 std::size_t{block[2]} << 8 | block[3];
    if (distance >= block.size() - kOffsetBytes) return;
    header_.exif.assign(block.begin() + static_cast<std::ptrdiff_t>(kOffsetBytes + distance),
                        block.end());
  }

  /// The library's own conversion to RGB assumes full range for every gray image.
  void decode_monochrome(const RowSink& sink) const {
    heif_image* decoded = nullptr;
    check(heif_decode_image(handle_.get(), &decoded, heif_colorspace_monochrome,
                            heif_chroma_monochrome, nullptr));
    const std::unique_ptr<heif_image, FreeImage> image(decoded);
    heif_color_profile_nclx* nclx = nullptr;
    bool full_range = true;
    if (heif_image_get_nclx_color_profile(decoded, &nclx).code == heif_error_Ok) {
      full_range = nclx->full_range_flag != 0;
      heif_nclx_color_profile_free(nclx);
    }
    const HeifPlane gray = plane_of(decoded, heif_channel_Y, full_range);
    const bool has_alpha = header_.layout.has_alpha;
    const HeifPlane alpha = has_alpha ? plane_of(decoded, heif_channel_Alpha, true) : HeifPlane{};
    const auto width = static_cast<std::size_t>(header_.stored_size.width_px);
    const auto channels = static_cast<std::size_t>(header_.layout.channels());
    std::vector<std::uint16_t> words(width * channels);
    std::vector<std::uint8_t> bytes(width * channels);
    for (int y = 0; y < header_.stored_size.height_px; ++y) {
      for (std::size_t x = 0; x < width; ++x) {
        std::fill_n(words.begin() + static_cast<std::ptrdiff_t>(x * channels), 3,
                    gray.value_at(x, y));
        if (has_alpha) words[x * channels + 3] = alpha.value_at(x, y);
      }
      if (header_.layout.type == SampleType::kUint16) {
        sink(words.data());
        continue;
      }
      std::transform(words.begin(), words.end(), bytes.begin(),
                     [](std::uint16_t v) { return static_cast<std::uint8_t>((v + 128) / 257); });
      sink(bytes.data());
    }
  }

  [[nodiscard]] HeifPlane plane_of(const heif_image* image, heif_channel channel,
                                   bool full_range) const {
    HeifPlane plane;
    plane.first = heif_image_get_plane_readonly(image, channel, &plane.stride);
    plane.bits = heif_image_get_bits_per_pixel_range(image, channel);
    plane.full_range = full_range;
    if (plane.first == nullptr || plane.bits < 8 || plane.bits > 16 ||
        heif_image_get_width(image, channel) != header_.stored_size.width_px ||
        heif_image_get_height(image, channel) != header_.stored_size.height_px) {
      throw damaged_file(name_, "its pixels do not fit its header");
    }
    return plane;
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
  HeifContainer container_;
  /// Copy that the library reads instead of the file; empty: the file itself.
  std::vector<std::uint8_t> copy_;
  std::unique_ptr<heif_context, FreeContext> context_;
  std::unique_ptr<heif_image_handle, FreeHandle> handle_;
};

}  // namespace

std::unique_ptr<Decoder> open_heif(ByteView bytes, const std::string& format_name) {
  return std::make_unique<HeifDecoder>(bytes, format_name);
}

}  // namespace styletransfer
