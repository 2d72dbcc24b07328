// Values that are worked on at once, in as many registers as the processor needs for them.
#pragma once

#include <cstdint>
#include <cstring>

#include "detail/cpu_dispatch.h"

namespace styletransfer::detail::cpu {

template <int count>
struct Vector {
  // A size that depends on a parameter needs the older form of these.
  typedef float Values __attribute__((vector_size(count * sizeof(float))));
  typedef std::int32_t Places __attribute__((vector_size(count * sizeof(std::int32_t))));
};
template <int count>
using Lanes = typename Vector<count>::Values;
template <int count>
using Places = typename Vector<count>::Places;

// By reference: a vector given by value makes a function another one on every processor.
template <int lanes>
STYLETRANSFER_INLINE void load(const float* from, Lanes<lanes>& values) {
  std::memcpy(&values, from, sizeof(values));
}
template <int lanes>
STYLETRANSFER_INLINE void store(const Lanes<lanes>& values, float* to) {
  std::memcpy(to, &values, sizeof(values));
}

}  // namespace styletransfer::detail::cpu
