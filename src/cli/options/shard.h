// Shard of a batch, for several machines that share the work.
#pragma once

namespace styletransfer::cli {

/// `--shard 3/16`: the third of 16 shards.
struct Shard {
  int index = 1;  // 1-based
  int count = 1;
};

}  // namespace styletransfer::cli
