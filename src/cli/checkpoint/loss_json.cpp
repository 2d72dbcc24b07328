#include "cli/checkpoint/loss_json.h"

#include <nlohmann/json.hpp>

#include "cli/options/choices.h"

namespace styletransfer::cli {

nlohmann::ordered_json loss_json(const LossOptions& loss) {
  return {{"loss", name_of(loss.kind, kLossKinds)},
          {"style_loss", name_of(loss.style_loss, kStyleLosses)},
          {"content_layers", loss.content_layers},
          {"style_layers", loss.style_layers},
          {"pooling", name_of(loss.pooling, kPoolings)}};
}

}  // namespace styletransfer::cli
