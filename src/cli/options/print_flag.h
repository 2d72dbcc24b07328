// --print: the size of the result as a paper size.
#pragma once

#include <string>
#include <vector>

#include "cli/options/options.h"
#include "image/paper_size.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

/// Parses "A2", "letter@240", "60x40cm@200". Throws OptionError.
[[nodiscard]] PaperSize parse_paper_size(const std::string& flag, const std::string& text);

/// Canonical text of a sheet, independent of how it was given: "594x420mm@300".
[[nodiscard]] std::string paper_size_text(const PaperSize& sheet);

/// Schedule options for a content of this size, with --print converted to a size in pixels.
[[nodiscard]] ScheduleOptions schedule_for(const StylizeOptions& options, Size content);
/// make_schedule for these options and this content size. Throws UsageError in the words of
/// --print, where that sets the size.
[[nodiscard]] std::vector<Pass> passes_for(const StylizeOptions& options, Size content);

/// Error for a print that does not fit in memory: names the resolution at which the sheet would
/// fit, and the ISO A sheet that would fit at the same resolution.
[[nodiscard]] UsageError print_too_large(const PaperSize& sheet, Size content,
                                         const SizeError& error);

/// "7016 x 4677 pixels, 594 x 396 mm at 300 dpi".
[[nodiscard]] std::string print_text(const PaperSize& sheet, Size image);

}  // namespace styletransfer::cli
