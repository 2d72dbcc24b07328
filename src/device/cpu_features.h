// Instruction set detection for the kernels.
#pragma once

namespace styletransfer::detail {

/// True if the processor has AVX-512 VNNI, BW and VL, and this build has code for it
/// (cpu_dispatch.h). The 16-bit integer kernels are then faster than float32.
[[nodiscard]] bool has_avx512_vnni();

/// True if the processor has AMX with bfloat16. The operating system may still deny its use; see
/// amx::is_usable().
[[nodiscard]] bool has_amx_bf16();

/// Name of the best instruction set, for the user: "AMX bf16 units", "AVX-512 VNNI", "AVX-512",
/// "AVX2", "SSE2" or "this processor".
[[nodiscard]] const char* cpu_level();

}  // namespace styletransfer::detail
