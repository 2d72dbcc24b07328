// What a walk through one stage takes on a GPU, where it consists of LibTorch's operations and each
// result is a tensor of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "detail/rows.h"
#include "detail/stages.h"

namespace styletransfer::detail {

/// One stage in a picture, and the strips that it is walked through in.
struct DeviceStage {
  const FeatureNetwork::Layers& layers;
  const Stage& stage;
  bool is_first = false;
  bool keeps_features = true;
  int64_t height = 0;
  int64_t width = 0;
  int64_t in_channels = 0;
  std::vector<Rows> strips;
};

/// Bytes of DeviceStage, at their peak.
struct DeviceStageBytes {
  /// What stays for the backward walk, beside the stage's input.
  int64_t held = 0;
  /// What comes and goes while a strip is walked through forward, and backward; not: the stage's
  /// input and the gradient of its output.
  int64_t forward = 0;
  int64_t backward = 0;
};

[[nodiscard]] DeviceStageBytes device_stage_bytes(const DeviceStage& of);

}  // namespace styletransfer::detail
