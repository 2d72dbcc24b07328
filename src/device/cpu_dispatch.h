// Function multiversioning per x86-64 level.
//
// Compiles a function once each for v4 (AVX-512), v3 (AVX2) and the baseline (SSE2); the dynamic
// loader selects the best one for the processor (indirect functions).
#pragma once

// Not with sanitizers, which run before indirect functions are resolved, and not with Clang, which
// does not know all of these level names: these builds use the baseline version only.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STYLETRANSFER_CPU_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
// For a function with a different definition per level: define it once for each level and once for
// "default", as overloads in the source file that calls them.
#define STYLETRANSFER_HAS_CPU_LEVELS 1
#define STYLETRANSFER_CPU_LEVEL(level) __attribute__((target(level)))
#else
#define STYLETRANSFER_CPU_CLONES
#define STYLETRANSFER_CPU_LEVEL(level)
#endif

// Inlined into every clone, so that it is compiled with the clone's instruction set.
#define STYLETRANSFER_INLINE inline __attribute__((always_inline))
