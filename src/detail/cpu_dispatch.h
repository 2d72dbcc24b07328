// Compiles a function once per x86-64 level and lets the loader pick the best the processor has.
#pragma once

// Sanitizers run before indirect functions are resolved, and Clang knows fewer names, so those
// builds take the plain version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STYLETRANSFER_CPU_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
// For a function that is another one on every level, written once for each and once for "default":
// overloads in the source file that calls them.
#define STYLETRANSFER_HAS_CPU_LEVELS 1
#define STYLETRANSFER_CPU_LEVEL(level) __attribute__((target(level)))
#else
#define STYLETRANSFER_CPU_CLONES
#define STYLETRANSFER_CPU_LEVEL(level)
#endif

#define STYLETRANSFER_INLINE inline __attribute__((always_inline))
