// Small images and a job that runs in a fraction of a second.
#pragma once

#include <cmath>
#include <memory>
#include <utility>

#include "styletransfer/transfer.h"

namespace styletransfer {

inline Image plain_image(Size size, float value) {
  Image image;
  image.size = size;
  image.rgb01.assign(static_cast<std::size_t>(size.width_px) * size.height_px * 3, value);
  return image;
}

/// Smooth colors with large and small shapes; each `phase` gives another image. Values 0.1 to 0.9.
inline Image wavy_image(Size size, float phase) {
  Image image = plain_image(size, 0.0F);
  std::size_t at = 0;
  for (int y = 0; y < size.height_px; ++y) {
    for (int x = 0; x < size.width_px; ++x) {
      for (int c = 0; c < 3; ++c) {
        const float slow = std::sin(0.2F * static_cast<float>(x + 2 * c) + phase);
        const float fast = std::cos(phase * static_cast<float>(x - y) + static_cast<float>(c));
        image.rgb01[at++] = 0.5F + 0.2F * slow + 0.2F * fast;
      }
    }
  }
  return image;
}

inline Style style_of(Image image, double blend = 1.0) {
  return {std::make_shared<Image>(std::move(image)), blend};
}

/// One pass of a few iterations on 32 x 24 pixels, without a margin: the loss of the result is the
/// loss of the search.
inline Job tiny_job() {
  Job job;
  job.content = wavy_image({32, 24}, 0.3F);
  job.styles.push_back(style_of(wavy_image({40, 40}, 1.1F)));
  job.margin_px = 0;
  job.schedule.size_px = 32;
  job.schedule.iterations = 12;
  return job;
}

}  // namespace styletransfer
