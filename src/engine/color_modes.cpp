#include "engine/color_modes.h"

#include <memory>
#include <utility>

#include "device/image_tensor.h"
#include "engine/masked_terms.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {
namespace {

bool runs_on_grays(Colors colors) {
  return colors == Colors::kContent || colors == Colors::kNeutral;
}

Image style_in_run_colors(const Image& style, Colors colors, const ColorStatistics& content) {
  if (colors == Colors::kContentStatistics) {
    return match_color_statistics(style, color_statistics(style), content);
  }
  Image grays = to_grayscale(style);
  if (colors == Colors::kNeutral) return grays;
  return to_grayscale(match_color_statistics(grays, color_statistics(grays), content));
}

}  // namespace

Job job_with_run_colors(const Job& job) {
  Job run = job;
  if (runs_on_grays(job.colors)) {
    run.content = to_grayscale(job.content);
    run.init.image = to_grayscale(job.init.image);
  }
  const ColorStatistics content = color_statistics(run.content);
  for (Style& style : run.styles) {
    style.image =
        std::make_shared<const Image>(style_in_run_colors(*style.image, job.colors, content));
  }
  return run;
}

Image with_final_colors(Image stylized, const Job& job) {
  switch (job.colors) {
    case Colors::kContent: {
      const Image content = resized(fill_transparent(job.content), stylized.size);
      return with_untouched(job, with_chroma_of(stylized, content), content);
    }
    case Colors::kNeutral:
      return to_grayscale(stylized);
    case Colors::kStyle:
    case Colors::kContentStatistics:
    case Colors::kStyleOnly:
    case Colors::kStyleChroma:
      break;
  }
  return stylized;
}

void FinalColors::on_image(const StepFinished& step, const Image& image) {
  Observers::on_image(step, with_final_colors(image, asked_));
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
  return colors == Colors::kStyleChroma ? match_color_statistics_keeping_luma(content, from, to)
                                        : match_color_statistics(content, from, to);
}

}  // namespace styletransfer
