// Shard of a batch, for several machines that share the work.
#pragma once

#include "styletransfer/bounds.h"

namespace styletransfer::cli {

/// `--shard 3/16`: the third of 16 shards.
struct Shard {
  int index = 1;  // 1-based
  int count = 1;
  static constexpr Bounds<int> kCount{1, 100000, "shards"};
};

}  // namespace styletransfer::cli
