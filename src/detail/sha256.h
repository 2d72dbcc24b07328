// SHA-256, piece by piece.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace styletransfer::detail {

class Sha256 {
 public:
  static constexpr std::size_t kBytes = 32;
  using Digest = std::array<unsigned char, kBytes>;

  /// Throws RunError when libcrypto has no SHA-256.
  Sha256();
  void add(const void* bytes, std::size_t count);
  /// Of everything added; the object is used up.
  [[nodiscard]] Digest finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// Lower-case hexadecimal digits, two a byte.
[[nodiscard]] std::string hexadecimal(std::span<const unsigned char> bytes);

}  // namespace styletransfer::detail
