#include "cli/terminal/progress/loss_shares.h"

#include "cli/terminal/formatted.h"

namespace styletransfer::cli {

std::string shares_text(const std::vector<LossTerm>& terms) {
  double sum = 0.0;
  for (const LossTerm& term : terms) sum += term.value;
  std::string text;
  for (const LossTerm& term : terms) {
    if (!text.empty()) text += ", ";
    text += formatted("%s %.0f %%", term.name.c_str(), sum > 0.0 ? 100.0 * term.value / sum : 0.0);
  }
  return text;
}

}  // namespace styletransfer::cli
