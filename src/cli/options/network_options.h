// Feed-forward network that makes the result (apply) or the start image (--init network:).
#pragma once

#include <string>

#include "styletransfer/network_convention.h"

namespace styletransfer::cli {

struct FeedForwardOptions {
  /// Empty: none.
  std::string network_path;
  /// The flag that gave it, for messages.
  std::string flag = "--init";
  /// The network's convention as given on the command line: a family, and single values that
  /// override it.
  ConventionClues family;
  ConventionClues facts;
  bool in_bfloat16 = false;

  [[nodiscard]] ConventionClues convention() const { return family.overridden_by(facts); }
  [[nodiscard]] bool is_wanted() const { return !network_path.empty(); }
};

}  // namespace styletransfer::cli
