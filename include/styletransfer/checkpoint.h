// Checkpoints: the state of a run or of a training between two iterations, and their file.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

namespace styletransfer {

/// Complete enough to resume as if the work had never stopped. Made and read by the engine and by
/// the trainings; for everybody else the tensors are opaque.
struct Checkpoint {
  /// The current pass, from 0, and its finished iterations. A training is one pass.
  int pass_index = 0;
  int iteration = 0;
  std::map<std::string, at::Tensor> tensors;
  /// All other values, as JSON.
  std::string text;
};

/// Writes the checkpoint and `fingerprint`, a fingerprint of the job that it belongs to, into one
/// file: safetensors whose last tensor holds the SHA-256 of every byte before it. Writes a
/// temporary file, tensor by tensor without a second copy in memory, and renames it. Throws
/// RunError (disk).
void save_checkpoint(const Checkpoint& checkpoint, const std::string& fingerprint,
                     const std::string& path);

/// Returns the approximate size of the file that save_checkpoint makes.
[[nodiscard]] std::uint64_t checkpoint_file_bytes(const Checkpoint& checkpoint);

struct SavedCheckpoint {
  Checkpoint checkpoint;
  std::string fingerprint;
};

/// Reads the file back, with every tensor on the CPU. Throws UsageError when it is missing,
/// damaged, of another version, or not a checkpoint of this program.
[[nodiscard]] SavedCheckpoint load_checkpoint(const std::string& path);

}  // namespace styletransfer
