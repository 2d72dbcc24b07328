// The network that paints a picture in one pass: all of it (apply) or the start (--init network:).
#pragma once

#include <string>

#include "styletransfer/painting_network.h"

namespace styletransfer::cli {

struct PaintingOptions {
  /// Empty: none.
  std::string network_path;
  /// What gave it, for messages.
  std::string flag = "--init";
  /// What the command line says of the network's convention: a family, and single facts over it.
  ConventionClues family;
  ConventionClues facts;
  bool in_bfloat16 = false;

  [[nodiscard]] ConventionClues convention() const { return family.overridden_by(facts); }
  [[nodiscard]] bool is_wanted() const { return !network_path.empty(); }
};

}  // namespace styletransfer::cli
