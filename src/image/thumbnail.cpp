#include "image/thumbnail.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "image/codecs/encoder.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

struct StreamCloser {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};

struct Freer {
  void operator()(char* bytes) const { std::free(bytes); }
};

}  // namespace

std::string thumbnail_jpeg(const Image& image, int max_px, int quality) {
  const int long_edge_px = std::max(image.size.width_px, image.size.height_px);
  Image reduced;
  if (long_edge_px > max_px) reduced = resized(image, size_with_long_edge(image.size, max_px));
  WriteOptions options;
  options.quality = quality;
  char* bytes = nullptr;
  std::size_t count = 0;
  std::unique_ptr<std::FILE, StreamCloser> stream(open_memstream(&bytes, &count));
  if (!stream) throw RunError("out of memory for a preview image");
  try {
    encode_jpeg({reduced.empty() ? image : reduced, options, {}, ""}, stream.get());
  } catch (const EncodeError& error) {
    stream.reset();
    const std::unique_ptr<char, Freer> owned(bytes);
    throw RunError(std::string("a preview image cannot be made: ") + error.what());
  }
  stream.reset();
  const std::unique_ptr<char, Freer> owned(bytes);
  return {bytes, count};
}

}  // namespace styletransfer
