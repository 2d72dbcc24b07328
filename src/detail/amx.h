// The tile unit of recent Intel processors (AMX): permission and configuration.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define STYLETRANSFER_HAS_AMX_CODE 1
#define STYLETRANSFER_AMX_TARGET \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,amx-tile,amx-bf16")))
#endif

#include <cstdint>

namespace styletransfer::detail::amx {

/// True when the processor has bf16 tiles, the kernel lends them to this process, and this build
/// has code for them. The answer does not change.
[[nodiscard]] bool is_usable();

/// Gives this thread eight tiles of 16 rows of 64 bytes while it lives, then puts back what was set
/// before (the libraries keep tiles configured between calls).
class TileScope {
 public:
  TileScope();
  ~TileScope();
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;

 private:
  alignas(64) std::uint8_t before_[64];
};

}  // namespace styletransfer::detail::amx
