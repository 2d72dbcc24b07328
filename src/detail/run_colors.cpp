#include "detail/run_colors.h"

#include <memory>
#include <utility>

#include "detail/picture_tensor.h"
#include "detail/regions.h"

namespace styletransfer::detail {
namespace {

bool paints_greys(Colors colors) {
  return colors == Colors::kContent || colors == Colors::kNeutral;
}

Image style_in_run_colors(const Image& style, Colors colors, const ColorStatistics& content) {
  if (colors == Colors::kContentStatistics) {
    return recolored(style, color_statistics(style), content);
  }
  Image greys = in_greys(style);
  if (colors == Colors::kNeutral) return greys;
  return in_greys(recolored(greys, color_statistics(greys), content));
}

}  // namespace

Job job_in_run_colors(const Job& job) {
  Job run = job;
  if (paints_greys(job.colors)) {
    run.content = in_greys(job.content);
    run.init.image = in_greys(job.init.image);
  }
  const ColorStatistics content = color_statistics(run.content);
  for (Style& style : run.styles) {
    style.image =
        std::make_shared<const Image>(style_in_run_colors(*style.image, job.colors, content));
  }
  return run;
}

Image in_final_colors(Image painted, const Job& job) {
  switch (job.colors) {
    case Colors::kContent: {
      const Image content = resized(without_clear_pixels(job.content), painted.size);
      return with_untouched(job, with_chroma_of(painted, content), content);
    }
    case Colors::kNeutral:
      return in_greys(painted);
    case Colors::kStyle:
    case Colors::kContentStatistics:
    case Colors::kStyleOnly:
    case Colors::kStyleChroma:
      break;
  }
  return painted;
}

}  // namespace styletransfer::detail

namespace styletransfer {

Image in_style_colors(const Image& content, const std::vector<Style>& styles, Colors colors) {
  std::vector<ColorStatistics> parts;
  std::vector<double> shares;
  for (const Style& style : styles) {
    parts.push_back(color_statistics(*style.image));
    shares.push_back(style.blend);
  }
  const ColorStatistics from = color_statistics(content);
  const ColorStatistics to = mixed(parts, shares);
  return colors == Colors::kStyleChroma ? recolored_keeping_luma(content, from, to)
                                        : recolored(content, from, to);
}

}  // namespace styletransfer
