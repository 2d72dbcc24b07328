#include "base/sha256.h"

#include <openssl/evp.h>

#include <cerrno>
#include <fstream>
#include <vector>

#include "base/mapped_file.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    throw RunError("libcrypto offers no SHA-256; check the OpenSSL installation");
  }
}

void Sha256::add(const void* bytes, std::size_t count) {
  EVP_DigestUpdate(context_.get(), bytes, count);
}

Sha256::Digest Sha256::finish() {
  Digest digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  return digest;
}

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace styletransfer::detail

namespace styletransfer {

std::string file_sha256(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError("cannot read '" + path + "': " + open_error_text(errno));
  detail::Sha256 hash;
  std::vector<char> block(1U << 20U);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0) {
    hash.add(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) throw UsageError("cannot read '" + path + "' to its end; check the disk");
  return detail::hexadecimal(hash.finish());
}

}  // namespace styletransfer
