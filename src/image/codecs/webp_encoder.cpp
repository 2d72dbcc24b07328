// WebP encoder through libwebp; quality 100 is lossless.
#include <webp/encode.h>
#include <webp/mux.h>

#include <cerrno>
#include <memory>

#include "image/codecs/encoder.h"
#include "image/icc/color_profiles.h"

namespace styletransfer {
namespace {

struct FreeMux {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};
struct OwnedImage : WebPPicture {
  ~OwnedImage() { WebPPictureFree(this); }
};
struct OwnedWriter : WebPMemoryWriter {
  ~OwnedWriter() { WebPMemoryWriterClear(this); }
};
struct OwnedData : WebPData {
  ~OwnedData() { WebPDataClear(this); }
};

[[noreturn]] void fail(const std::string& message) { throw EncodeError(0, message); }

WebPConfig config_for(const WriteOptions& options) {
  WebPConfig config;
  if (WebPConfigInit(&config) == 0) fail("the WebP library does not fit");
  config.quality = static_cast<float>(options.quality);
  config.lossless = options.quality == 100 ? 1 : 0;
  config.use_sharp_yuv = 1;
  // Preserve colors under transparent pixels.
  config.exact = 1;
  return config;
}

void fill(WebPPicture& target, const Image& image) {
  const IntegerRows rows(image, true);
  const int stride = image.size.width_px * rows.channels();
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(stride) * image.size.height_px);
  for (int y = 0; y < image.size.height_px; ++y) {
    rows.read(y, pixels.data() + static_cast<std::size_t>(stride) * y);
  }
  target.width = image.size.width_px;
  target.height = image.size.height_px;
  const int imported = rows.channels() == 4 ? WebPPictureImportRGBA(&target, pixels.data(), stride)
                                            : WebPPictureImportRGB(&target, pixels.data(), stride);
  if (imported == 0) throw EncodeError(ENOMEM, "no memory for the WebP writer");
}

void add_chunk(WebPMux* mux, const char* name, const void* data, std::size_t bytes) {
  if (bytes == 0) return;
  const WebPData chunk{static_cast<const std::uint8_t*>(data), bytes};
  if (WebPMuxSetChunk(mux, name, &chunk, 1) != WEBP_MUX_OK) fail("its metadata does not fit");
}

}  // namespace

void encode_webp(const EncodeJob& job, std::FILE* stream) {
  const WebPConfig config = config_for(job.options);
  OwnedImage image;
  if (WebPPictureInit(&image) == 0) fail("the WebP library does not fit");
  image.use_argb = 1;
  fill(image, job.image);
  OwnedWriter writer;
  WebPMemoryWriterInit(&writer);
  image.writer = WebPMemoryWrite;
  image.custom_ptr = static_cast<WebPMemoryWriter*>(&writer);
  if (WebPEncode(&config, &image) == 0) {
    fail("the WebP library refuses it (error " + std::to_string(image.error_code) + ")");
  }
  const std::unique_ptr<WebPMux, FreeMux> mux(WebPMuxNew());
  const WebPData coded{writer.mem, writer.size};
  if (!mux || WebPMuxSetImage(mux.get(), &coded, 0) != WEBP_MUX_OK) fail("no memory");
  const ProfileBytes& profile = srgb_profile();
  add_chunk(mux.get(), "ICCP", profile.data(), profile.size());
  add_chunk(mux.get(), "EXIF", job.exif.data(), job.exif.size());
  add_chunk(mux.get(), "XMP ", job.xmp.data(), job.xmp.size());
  OwnedData file;
  WebPDataInit(&file);
  if (WebPMuxAssemble(mux.get(), &file) != WEBP_MUX_OK) fail("no memory");
  errno = 0;
  if (std::fwrite(file.bytes, 1, file.size, stream) != file.size) {
    throw EncodeError(errno, "write error");
  }
}

}  // namespace styletransfer
