#include "detail/final_colors.h"

#include "detail/run_colors.h"

namespace styletransfer::detail {

void FinalColors::on_picture(const StepFinished& step, const Image& picture) {
  ForwardingObserver::on_picture(step, in_final_colors(picture, asked_));
}

}  // namespace styletransfer::detail
