#include "device/cpu_features.h"

#include <fstream>
#include <string>

#include "device/cpu_dispatch.h"

namespace styletransfer::detail {

bool has_avx512_vnni() {
#ifdef STYLETRANSFER_HAS_CPU_LEVELS
  static const bool has = __builtin_cpu_supports("avx512vnni") != 0 &&
                          __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512vl") != 0;
  return has;
#else
  return false;
#endif
}

#if defined(__x86_64__)

bool has_amx_bf16() {
  static const bool has = [] {
    // __builtin_cpu_supports does not know AMX in the oldest supported compilers.
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
      if (line.rfind("flags", 0) == 0) return line.find("amx_bf16") != std::string::npos;
    }
    return false;
  }();
  return has;
}

const char* cpu_level() {
  if (has_amx_bf16()) return "AMX bf16 units";
  if (has_avx512_vnni()) return "AVX-512 VNNI";
  if (__builtin_cpu_supports("avx512f") != 0) return "AVX-512";
  return __builtin_cpu_supports("avx2") != 0 ? "AVX2" : "SSE2";
}

#else

bool has_amx_bf16() { return false; }

const char* cpu_level() { return "this processor"; }

#endif

}  // namespace styletransfer::detail
