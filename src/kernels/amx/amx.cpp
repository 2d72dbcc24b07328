#include "kernels/amx/amx.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace styletransfer::detail::amx {

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace {

/// CPUID leaf 7 for AMX itself, and the AVX-512 extensions that the kernels' vector code uses.
bool processor_has_amx() {
  unsigned int eax = 0;
  unsigned int ebx = 0;
  unsigned int ecx = 0;
  unsigned int edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned int kAmxBf16 = 1U << 22U;
  constexpr unsigned int kAmxTile = 1U << 24U;
  __builtin_cpu_init();
  return (edx & kAmxBf16) != 0 && (edx & kAmxTile) != 0 && __builtin_cpu_supports("avx512bf16") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

/// Linux grants the 8 KB tile state on request only (arch_prctl ARCH_REQ_XCOMP_PERM), per process;
/// without the permission the first tile instruction raises SIGILL.
bool kernel_lends_tiles() {
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

/// The 64-byte memory operand of LDTILECFG.
struct alignas(64) TileConfig {
  std::uint8_t palette;
  std::uint8_t start_row;
  std::uint8_t reserved[14];
  std::uint16_t bytes_per_row[16];
  std::uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64);

// Palette 1; tiles 0 to 7 with the maximum of 16 rows of 64 bytes.
constinit const TileConfig kFullTiles{
    1, 0, {}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

// Compiler barrier: GCC's intrinsics declare access to only the first bytes of the configuration,
// so without it stores to the rest could be moved past them.
void finish_memory_accesses() { __asm__ volatile("" ::: "memory"); }

STYLETRANSFER_AMX_TARGET void configure(std::uint8_t* before) {
  finish_memory_accesses();
  // LDTILECFG also zeroes all tiles.
  _tile_storeconfig(before);
  _tile_loadconfig(&kFullTiles);
  finish_memory_accesses();
}

STYLETRANSFER_AMX_TARGET void restore(const std::uint8_t* before) {
  finish_memory_accesses();
  // Palette 0 means that no tiles were configured. Releasing them lets the processor and the kernel
  // skip the tile state on context switches.
  if (before[0] == 0) {
    _tile_release();
  } else {
    _tile_loadconfig(before);
  }
}

}  // namespace

bool is_usable() {
  static const bool usable = processor_has_amx() && kernel_lends_tiles();
  return usable;
}

AmxTileScope::AmxTileScope() { configure(before_); }
AmxTileScope::~AmxTileScope() { restore(before_); }

#else

bool is_usable() { return false; }
AmxTileScope::AmxTileScope() = default;
AmxTileScope::~AmxTileScope() = default;

#endif

}  // namespace styletransfer::detail::amx
