#include "cli/color_flags.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "cli/choices.h"

namespace styletransfer::cli {
namespace {

/// What has a meaning without painting. Flags to come are refused until they are listed here.
constexpr std::array<std::string_view, 22> kUsedWithoutPainting{
    "--content",
    "--style",
    "--style-blend",
    "--output",
    "--overwrite",
    "--quality",
    "--alpha",
    "--bit-depth",
    "--reproducible",
    "--size",
    "--print",
    "--colors",
    "--quiet",
    "--verbose",
    "--config",
    "--preset",
    "--print-config",
    // batch
    "--contents",
    "--styles",
    "--format",
    "--shard",
    "--dry-run",
};

void check_nothing_is_about_painting(Colors colors, const FlagTable& table,
                                     const IsGiven& is_given) {
  for (const FlagRow& row : table.rows()) {
    const bool is_used = std::find(kUsedWithoutPainting.begin(), kUsedWithoutPainting.end(),
                                   row.flag) != kUsedWithoutPainting.end();
    if (!is_used && is_given(row.flag)) {
      throw UsageError(row.flag + " has no effect: --colors " + name_of(colors, kColorChoices) +
                       " recolours the content and paints nothing; leave one of them out");
    }
  }
}

}  // namespace

void add_color_flags(FlagTable& table, Job& job) {
  table.group("Colours");
  table.value("--colors", "WHOSE",
              "style; content (its chroma exactly); content-statistics (its palette); style-only "
              "(the photo recoloured, not painted); style-chroma (the same, in its own lightness); "
              "neutral (greys)",
              name_of(job.colors, kColorChoices),
              [&job](const std::string& flag, const std::string& text) {
                job.colors = parse_choice(flag, text, kColorChoices);
              });
}

void check_colors(const Job& job, const FlagTable& table, const IsGiven& is_given) {
  if (only_recolors(job.colors)) {
    check_nothing_is_about_painting(job.colors, table, is_given);
    return;
  }
  if (!has_steps(make_schedule(job.schedule, Size{512, 512})) && is_given("--colors")) {
    throw UsageError("--colors " + name_of(job.colors, kColorChoices) +
                     " has no effect with --iterations 0, which only resizes; leave one of them "
                     "out");
  }
}

}  // namespace styletransfer::cli
