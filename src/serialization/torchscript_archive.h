// Reader for the records of a TorchScript file (a zip archive). Executes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct zip;

#include "styletransfer/error.h"

namespace styletransfer::detail {

/// A file cannot be used as a network: it is damaged, something else, or cannot be read at the
/// moment. The message is a phrase that follows the file's name: "is damaged: ...; copy it again".
class UnusableNetwork : public Error {
 public:
  using Error::Error;
};

/// A zip archive that is not a network.
class NoNetworkInArchive : public UnusableNetwork {
 public:
  NoNetworkInArchive() : UnusableNetwork("is a zip archive without a network in it") {}
};

/// Maximum size of all code in an archive. Real networks have a few kilobytes.
inline constexpr std::uint64_t kMaxCodeBytes = 16 << 20;

/// An open archive, read with bounded memory. Verifies the CRC-32 of every record it reads, which
/// LibTorch does not do.
class TorchScriptArchive {
 public:
  /// Reads the directory only. Throws UnusableNetwork if it is not a regular file or not an
  /// archive, or has encrypted, unexpectedly compressed or duplicate records; NoNetworkInArchive if
  /// its records are not all in one top-level folder.
  explicit TorchScriptArchive(const std::string& path);

  /// Record names without the top-level folder ("data.pkl", "code/__torch__.py", "data/0"), sorted.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool has(const std::string& name) const { return records_.count(name) != 0; }
  /// Uncompressed size of a record in bytes. Throws UnusableNetwork if there is no such record.
  [[nodiscard]] std::uint64_t size(const std::string& name) const;

  /// Reads a record. Code and pickles are cached, so that later reads return what was checked even
  /// if the file changes. Throws UnusableNetwork if there is no such record, it has more than
  /// `max_bytes`, or it is damaged.
  [[nodiscard]] std::string read(const std::string& name, std::uint64_t max_bytes) const;
  /// Reads a record to `to`. bytes: its size; throws UnusableNetwork if that differs.
  void read_into(const std::string& name, void* to, std::uint64_t bytes) const;

 private:
  struct Record {
    std::uint64_t index = 0;
    std::uint64_t bytes = 0;
    std::uint32_t crc32 = 0;
    bool is_deflated = false;
  };
  struct Close {
    void operator()(zip* archive) const;
  };

  void add(std::uint64_t index);
  [[nodiscard]] const Record& record(const std::string& name) const;
  [[nodiscard]] bool read_piece(const Record& record, std::uint64_t start, std::uint64_t bytes,
                                char* to) const;

  std::unique_ptr<zip, Close> archive_;
  std::string folder_;
  std::map<std::string, Record> records_;
  std::vector<std::string> names_;
  mutable std::map<std::string, std::string> cache_;
};

}  // namespace styletransfer::detail
