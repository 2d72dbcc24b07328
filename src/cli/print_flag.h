// --print: the size of the result as a sheet of paper.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "styletransfer/print_sheet.h"
#include "styletransfer/too_large.h"

namespace styletransfer::cli {

/// "A2", "letter@240", "60x40cm@200". Throws UsageError naming the flag.
[[nodiscard]] PrintSheet parse_print_sheet(const std::string& flag, const std::string& text);

/// The same text for the same sheet, whichever way it was asked for: "594x420mm@300".
[[nodiscard]] std::string print_sheet_text(const PrintSheet& sheet);

/// What the options ask for a content of this size: the sheet, where there is one, is a size now.
[[nodiscard]] ScheduleOptions schedule_for(const StylizeOptions& options, Size content);
/// make_schedule of it.
[[nodiscard]] std::vector<Pass> passes_for(const StylizeOptions& options, Size content);

/// The refusal of a print that does not fit into memory: names the resolution at which the sheet
/// would fit, and the ISO A sheet that would at the same resolution.
[[nodiscard]] UsageError print_too_large(const PrintSheet& sheet, Size content,
                                         const TooLargeError& error);

/// "7016 x 4677 pixels, 594 x 396 mm at 300 dpi".
[[nodiscard]] std::string print_in_words(const PrintSheet& sheet, Size picture);

}  // namespace styletransfer::cli
