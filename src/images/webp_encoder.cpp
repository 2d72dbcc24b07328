// WebP through libwebp; quality 100 is lossless.
#include <webp/encode.h>
#include <webp/mux.h>

#include <cerrno>
#include <memory>

#include "images/color_profiles.h"
#include "images/encoder.h"

namespace styletransfer {
namespace {

struct FreeMux {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};
struct OwnedPicture : WebPPicture {
  ~OwnedPicture() { WebPPictureFree(this); }
};
struct OwnedWriter : WebPMemoryWriter {
  ~OwnedWriter() { WebPMemoryWriterClear(this); }
};
struct OwnedData : WebPData {
  ~OwnedData() { WebPDataClear(this); }
};

[[noreturn]] void fail(const std::string& words) { throw EncodeError(0, words); }

WebPConfig config_for(const WriteOptions& options) {
  WebPConfig config;
  if (WebPConfigInit(&config) == 0) fail("the WebP library does not fit");
  config.quality = static_cast<float>(options.quality);
  config.lossless = options.quality == 100 ? 1 : 0;
  config.use_sharp_yuv = 1;
  // Colours under clear pixels are kept.
  config.exact = 1;
  return config;
}

void fill(WebPPicture& picture, const Image& image) {
  const IntegerRows rows(image, true);
  const int stride = image.size.width_px * rows.channels();
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(stride) * image.size.height_px);
  for (int y = 0; y < image.size.height_px; ++y) {
    rows.read(y, pixels.data() + static_cast<std::size_t>(stride) * y);
  }
  picture.width = image.size.width_px;
  picture.height = image.size.height_px;
  const int imported = rows.channels() == 4 ? WebPPictureImportRGBA(&picture, pixels.data(), stride)
                                            : WebPPictureImportRGB(&picture, pixels.data(), stride);
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
  OwnedPicture picture;
  if (WebPPictureInit(&picture) == 0) fail("the WebP library does not fit");
  picture.use_argb = 1;
  fill(picture, job.image);
  OwnedWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = static_cast<WebPMemoryWriter*>(&writer);
  if (WebPEncode(&config, &picture) == 0) {
    fail("the WebP library refuses it (error " + std::to_string(picture.error_code) + ")");
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
