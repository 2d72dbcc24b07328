// The records of a TorchScript file (a zip archive), read as data: nothing in them is run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct zip;

namespace styletransfer::detail {

/// Why a file cannot be used as a network. what() is a phrase that follows the file's name: "is
/// damaged: ...; copy it again".
class UnusableNetwork : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A zip archive of something else.
class NoNetworkInArchive : public UnusableNetwork {
 public:
  NoNetworkInArchive() : UnusableNetwork("is a zip archive without a network in it") {}
};

/// Of the code in an archive, all files together: real networks have some kilobytes.
inline constexpr std::uint64_t kMaxCodeBytes = 16 << 20;

/// An open archive, read with bounded memory. The CRC-32 of every record is checked as it is read,
/// which LibTorch does not do.
class ScriptArchive {
 public:
  /// Reads the directory only. Throws UnusableNetwork: no regular file, no archive, encrypted or
  /// oddly compressed records, two records of one name; NoNetworkInArchive: not one folder at the
  /// top.
  explicit ScriptArchive(const std::string& path);

  /// Names without the archive's top folder ("data.pkl", "code/__torch__.py", "data/0"), sorted.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool has(const std::string& name) const { return records_.count(name) != 0; }
  /// Bytes of a record, uncompressed. Throws UnusableNetwork when there is no such record.
  [[nodiscard]] std::uint64_t size(const std::string& name) const;

  /// A record's bytes. All but tensors are kept for the next time: what was checked is what is
  /// used, whatever happens to the file meanwhile. Throws UnusableNetwork: none of that name, more
  /// than `max_bytes`, damaged.
  [[nodiscard]] std::string read(const std::string& name, std::uint64_t max_bytes) const;
  /// The same into `bytes` bytes at `to`, which is the record's whole size.
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
  mutable std::map<std::string, std::string> kept_;
};

}  // namespace styletransfer::detail
