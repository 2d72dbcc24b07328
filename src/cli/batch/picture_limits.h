// Limits that come from a picture belong to that picture.
#pragma once

#include <string>
#include <vector>

#include "cli/batch/sources.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// Marks the pictures of which these settings make no result (larger than a result may be with
/// --size content) as ones that cannot be used. Throws UsageError when no other is there. `flag`
/// gave the pictures.
void check_picture_limits(const StylizeOptions& shared, const std::string& flag,
                          std::vector<SourcePicture>& pictures);

}  // namespace styletransfer::cli
