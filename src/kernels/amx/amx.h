// Intel AMX: detection, permission and tile configuration.
//
// AMX (4th generation Xeon and later) has eight tile registers of up to 16 rows of 64 bytes. One
// TDPBF16PS instruction multiplies a [16, 32] by a [32, 16] tile of bfloat16 and adds the product
// to a [16, 16] tile of float32.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define STYLETRANSFER_HAS_AMX_CODE 1
#define STYLETRANSFER_AMX_TARGET \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,amx-tile,amx-bf16")))
#endif

#include <cstdint>

namespace styletransfer::detail::amx {

/// True if the processor has AMX with bfloat16, the operating system grants this process the tile
/// state, and this build contains code for it. Constant for the life of the process.
[[nodiscard]] bool is_usable();

/// Configures eight tiles of 16 rows of 64 bytes for the current thread and restores the previous
/// configuration at the end of the scope (libraries like oneDNN leave theirs set between calls).
class AmxTileScope {
 public:
  AmxTileScope();
  ~AmxTileScope();
  AmxTileScope(const AmxTileScope&) = delete;
  AmxTileScope& operator=(const AmxTileScope&) = delete;

 private:
  alignas(64) std::uint8_t before_[64];
};

}  // namespace styletransfer::detail::amx
