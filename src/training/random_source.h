// Counter-based random numbers: the same values however often a training is resumed.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace styletransfer::detail {

/// Random generator for one decision, identified by stream and number. Source: SplitMix64 (Steele,
/// Lea, Flood 2014, "Fast splittable pseudorandom number generators"); unlike the standard
/// library's distributions, it gives the same numbers on every platform.
class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed, std::uint64_t stream = 0, std::uint64_t number = 0)
      : state_(seed) {
    state_ = bits() ^ stream;
    state_ = bits() ^ number;
  }

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  double between_0_and_1() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }

  /// 0 .. count - 1. The modulo bias is below 1e-9 for counts below 1e9.
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(count));
  }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<std::size_t>(below(static_cast<std::int64_t>(i)))]);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace styletransfer::detail
