// Incremental SHA-256.
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
  /// Returns the digest of everything added; the object cannot be used afterwards.
  [[nodiscard]] Digest finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// Formats bytes as lower-case hexadecimal digits, two per byte.
[[nodiscard]] std::string hexadecimal(std::span<const unsigned char> bytes);

}  // namespace styletransfer::detail

namespace styletransfer {

/// Returns the SHA-256 of a file as 64 lower-case hexadecimal digits. Reads the whole file. Throws
/// UsageError when it cannot be read.
[[nodiscard]] std::string file_sha256(const std::string& path);

}  // namespace styletransfer
