#include "detail/amx.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace styletransfer::detail::amx {

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace {

bool processor_has_tiles() {
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

/// Linux hands the large tile state out on request only (arch_prctl ARCH_REQ_XCOMP_PERM).
bool kernel_lends_tiles() {
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

/// The layout LDTILECFG reads.
struct alignas(64) TileConfig {
  std::uint8_t palette;
  std::uint8_t start_row;
  std::uint8_t reserved[14];
  std::uint16_t bytes_per_row[16];
  std::uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64);

constinit const TileConfig kFullTiles{
    1, 0, {}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

// The compiler's intrinsics claim to touch only the first bytes of a configuration.
void finish_memory_accesses() { __asm__ volatile("" ::: "memory"); }

STYLETRANSFER_AMX_TARGET void configure(std::uint8_t* before) {
  finish_memory_accesses();
  _tile_storeconfig(before);
  _tile_loadconfig(&kFullTiles);
  finish_memory_accesses();
}

STYLETRANSFER_AMX_TARGET void restore(const std::uint8_t* before) {
  finish_memory_accesses();
  if (before[0] == 0) {
    _tile_release();
  } else {
    _tile_loadconfig(before);
  }
}

}  // namespace

bool is_usable() {
  static const bool usable = processor_has_tiles() && kernel_lends_tiles();
  return usable;
}

TileScope::TileScope() { configure(before_); }
TileScope::~TileScope() { restore(before_); }

#else

bool is_usable() { return false; }
TileScope::TileScope() = default;
TileScope::~TileScope() = default;

#endif

}  // namespace styletransfer::detail::amx
