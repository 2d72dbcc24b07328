// Parallel loop over fixed-size chunks of a long vector. The chunks do not depend on the number of
// threads and are never split, so sums and rounding within a chunk are reproducible.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>

namespace styletransfer::detail {

/// True if plain float32 loops can process the tensor: CPU, float32, contiguous.
inline bool has_cpu_form(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

/// Number of chunks of `size` elements in n elements; the last one may be shorter.
constexpr std::int64_t count_chunks(std::int64_t n, std::int64_t size) {
  return (n + size - 1) / size;
}

/// Calls body(chunk, first_element, element_count) for every chunk, in parallel; each thread gets
/// at least `min` chunks.
template <typename Body>
void for_each_chunk(std::int64_t n, std::int64_t size, std::int64_t min, const Body& body) {
  at::parallel_for(0, count_chunks(n, size), min, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t chunk = begin; chunk < end; ++chunk) {
      const std::int64_t first = chunk * size;
      body(chunk, first, std::min(size, n - first));
    }
  });
}

}  // namespace styletransfer::detail
