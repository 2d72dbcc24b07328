// Pictures of a run under way, in the colours of its result.
#pragma once

#include "detail/forwarding_observer.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

class FinalColors : public ForwardingObserver {
 public:
  /// `asked`: the job as it was asked for. Both must outlive this.
  FinalColors(const Job& asked, Observer& next) : ForwardingObserver(next), asked_(asked) {}

  void on_picture(const StepFinished& step, const Image& picture) override;

 private:
  const Job& asked_;
};

}  // namespace styletransfer::detail
