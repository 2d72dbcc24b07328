// The hash of a file; apart from model.cpp because only it needs libcrypto.
#include <fstream>
#include <vector>

#include "detail/sha256.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"

namespace styletransfer {

std::string file_sha256(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError("cannot read '" + path + "'; check the path and its permissions");
  detail::Sha256 hash;
  std::vector<char> block(1U << 20U);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0) {
    hash.add(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) throw UsageError("cannot read '" + path + "' to its end; check the disk");
  return detail::hexadecimal(hash.finish());
}

}  // namespace styletransfer
