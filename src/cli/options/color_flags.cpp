#include "cli/options/color_flags.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "cli/options/choices.h"

namespace styletransfer::cli {
namespace {

/// Flags that apply without optimization. New flags are rejected until they are listed here.
constexpr std::array<std::string_view, 22> kUsedWithoutNetwork{
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
    const bool is_used = std::find(kUsedWithoutNetwork.begin(), kUsedWithoutNetwork.end(),
                                   row.flag) != kUsedWithoutNetwork.end();
    if (!is_used && is_given(row.flag)) {
      throw UsageError(row.flag + " has no effect: --colors " + name_of(colors, kColorChoices) +
                       " only recolors the content image; leave one of them out");
    }
  }
}

}  // namespace

void add_color_flags(FlagTable& table, Job& job) {
  table.group("Colors");
  table.value("--colors", detail::joined(names_of(kColorChoices), "|"),
              "colors of the result: style; content (its exact chroma); content-statistics (its "
              "color distribution); style-only (only recolor the content); style-chroma (the same, "
              "keeping its lightness); neutral (grayscale)",
              name_of(job.colors, kColorChoices),
              [&job](const std::string& flag, const std::string& text) {
                job.colors = parse_choice(flag, text, kColorChoices);
              });
}

void check_colors(const Job& job, const FlagTable& table, const IsGiven& is_given) {
  if (only_transfers_colors(job.colors)) {
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
