// Long vectors cut into pieces of one size, which threads share as wholes: what is summed or
// rounded within a piece is the same for any number of threads.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>

namespace styletransfer::detail {

/// Whether plain loops over float32 in the processor's memory can work on a tensor.
inline bool has_cpu_form(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

/// Pieces of `size` elements that n elements make, the last one of what is left.
constexpr std::int64_t count_pieces(std::int64_t n, std::int64_t size) {
  return (n + size - 1) / size;
}

/// Calls body(piece, first element, elements) for every piece, in parallel; a thread is worth at
/// least `least` pieces.
template <typename Body>
void for_each_piece(std::int64_t n, std::int64_t size, std::int64_t least, const Body& body) {
  at::parallel_for(0, count_pieces(n, size), least, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t piece = begin; piece < end; ++piece) {
      const std::int64_t first = piece * size;
      body(piece, first, std::min(size, n - first));
    }
  });
}

}  // namespace styletransfer::detail
