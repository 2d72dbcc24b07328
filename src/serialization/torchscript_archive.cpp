#include "serialization/torchscript_archive.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>

#include "base/mapped_file.h"

namespace styletransfer::detail {
namespace {

// A network of a thousand layers has a few thousand records.
constexpr std::int64_t kMaxRecords = 65'535;
constexpr std::size_t kMaxNameBytes = 1024;
// Bytes that are read and checked at a time; small enough to stay in the cache in between.
constexpr std::uint64_t kPieceBytes = 1 << 20;

[[noreturn]] void refuse_damaged(const std::string& what) {
  throw UnusableNetwork("is damaged: " + what + "; copy or download it again");
}

/// For a file that may be valid: the system refuses to read it.
UnusableNetwork unreadable(int error) {
  return UnusableNetwork("cannot be read: " + open_error_text(error));
}

/// Throws what a failure of libzip means: damage only where the archive itself is at fault.
[[noreturn]] void refuse_zip_error(int zip_error, int system_error, const std::string& damage) {
  switch (zip_error) {
    case ZIP_ER_MEMORY:
      throw std::bad_alloc();
    case ZIP_ER_OPEN:
    case ZIP_ER_READ:
    case ZIP_ER_SEEK:
    case ZIP_ER_TELL:
      if (system_error == ENOMEM) throw std::bad_alloc();
      if (system_error != 0) throw unreadable(system_error);
      [[fallthrough]];
    default:
      refuse_damaged(damage);
  }
}

/// Opens a regular file; throws for a pipe or device instead of blocking.
int open_regular_file(const std::string& path, std::uint64_t& file_bytes) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) throw unreadable(errno);
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw UnusableNetwork("is a pipe or a device; copy it to a file first");
  }
  file_bytes = static_cast<std::uint64_t>(status.st_size);
  return descriptor;
}

struct CloseSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

}  // namespace

void TorchScriptArchive::Close::operator()(zip* archive) const { zip_discard(archive); }

TorchScriptArchive::TorchScriptArchive(const std::string& path) {
  std::uint64_t file_bytes = 0;
  const int descriptor = open_regular_file(path, file_bytes);
  int error = 0;
  errno = 0;
  archive_.reset(zip_fdopen(descriptor, 0, &error));
  if (archive_ == nullptr) {
    const int system_error = errno;
    ::close(descriptor);
    refuse_zip_error(error, system_error, "its list of records cannot be read");
  }
  const std::int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count > kMaxRecords) {
    throw UnusableNetwork("has " + std::to_string(count) + " records; a network has at most " +
                          std::to_string(kMaxRecords));
  }
  for (std::int64_t i = 0; i < count; ++i) add(static_cast<std::uint64_t>(i));
  std::uint64_t stored_bytes = 0;
  for (const auto& [name, record] : records_) {
    names_.push_back(name);
    if (record.is_deflated) continue;
    // Checked at every step, so that the sum cannot overflow. Also detects records that share
    // bytes.
    if (record.bytes > file_bytes - stored_bytes) refuse_damaged(name + " leaves the file");
    stored_bytes += record.bytes;
  }
}

void TorchScriptArchive::add(std::uint64_t index) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive_.get(), index, ZIP_FL_ENC_RAW, &status) != 0 ||
      (status.valid & kNeeded) != kNeeded) {
    refuse_damaged("its list of records cannot be read");
  }
  const std::string full_name = status.name;
  const std::size_t slash = full_name.find('/');
  const bool is_plain = std::all_of(full_name.begin(), full_name.end(),
                                    [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
  if (slash == std::string::npos || slash + 1 == full_name.size() || !is_plain ||
      full_name.size() > kMaxNameBytes) {
    throw NoNetworkInArchive();
  }
  const std::string folder = full_name.substr(0, slash);
  const std::string name = full_name.substr(slash + 1);
  if (!records_.empty() && folder != folder_) {
    throw NoNetworkInArchive();
  }
  folder_ = folder;
  if (status.encryption_method != ZIP_EM_NONE) {
    throw UnusableNetwork("is encrypted (record " + name + "); save the network again without it");
  }
  // torch.jit.save compresses only code, whose size is limited when it is read (kMaxCodeBytes).
  const bool is_deflated = status.comp_method == ZIP_CM_DEFLATE && name.starts_with("code/");
  if (!is_deflated && (status.comp_method != ZIP_CM_STORE || status.comp_size != status.size)) {
    throw UnusableNetwork("has a compressed record where networks have none (" + name +
                          "); save the network again");
  }
  const Record record{index, status.size, status.crc, is_deflated};
  if (!records_.emplace(name, record).second) {
    throw UnusableNetwork("has two records of the name " + name);
  }
}

const TorchScriptArchive::Record& TorchScriptArchive::record(const std::string& name) const {
  const auto found = records_.find(name);
  if (found == records_.end()) refuse_damaged("the record " + name + " is missing");
  return found->second;
}

std::uint64_t TorchScriptArchive::size(const std::string& name) const { return record(name).bytes; }

std::string TorchScriptArchive::read(const std::string& name, std::uint64_t max_bytes) const {
  const std::uint64_t bytes = size(name);
  if (bytes > max_bytes) {
    throw UnusableNetwork("has a record of " + std::to_string(bytes) + " bytes where at most " +
                          std::to_string(max_bytes) + " make sense (" + name + ")");
  }
  if (const auto cached = cache_.find(name); cached != cache_.end()) return cached->second;
  std::string text(bytes, '\0');
  read_into(name, text.data(), bytes);
  if (name.starts_with("code/") || name.ends_with(".pkl")) cache_.emplace(name, text);
  return text;
}

void TorchScriptArchive::read_into(const std::string& name, void* to, std::uint64_t bytes) const {
  const Record& wanted = record(name);
  if (wanted.bytes != bytes) refuse_damaged("the record " + name + " has another size");
  auto* next = static_cast<char*>(to);
  std::uint32_t crc32 = libdeflate_crc32(0, nullptr, 0);
  // A compressed record has no random access; it is read as a whole.
  const std::uint64_t piece_bytes = wanted.is_deflated ? bytes : kPieceBytes;
  for (std::uint64_t done = 0; done < bytes;) {
    const std::uint64_t piece = std::min(bytes - done, piece_bytes);
    if (!read_piece(wanted, done, piece, next + done)) {
      const zip_error_t* error = zip_get_error(archive_.get());
      refuse_zip_error(zip_error_code_zip(error), zip_error_code_system(error),
                       "the record " + name + " cannot be read");
    }
    crc32 = libdeflate_crc32(crc32, next + done, piece);
    done += piece;
  }
  if (crc32 != wanted.crc32) refuse_damaged("the bytes of " + name + " do not match their CRC-32");
}

/// Reads a part of a record. For whole records libzip computes the CRC-32 itself, with zlib, which
/// took a third of the time for reading VGG-19; for parts it does not.
bool TorchScriptArchive::read_piece(const Record& record, std::uint64_t start, std::uint64_t bytes,
                                    char* to) const {
  const std::unique_ptr<zip_source_t, CloseSource> source(
      zip_source_zip(archive_.get(), archive_.get(), record.index, /*flags=*/0, start,
                     static_cast<std::int64_t>(bytes)));
  if (source == nullptr) return false;  // libzip has set the archive's error
  const auto report_source = [&] {
    const zip_error_t* error = zip_source_error(source.get());
    zip_error_set(zip_get_error(archive_.get()), zip_error_code_zip(error),
                  zip_error_code_system(error));
  };
  if (zip_source_open(source.get()) != 0) {
    report_source();
    return false;
  }
  std::uint64_t done = 0;
  while (done < bytes) {
    const std::int64_t got = zip_source_read(source.get(), to + done, bytes - done);
    if (got < 0) report_source();
    if (got == 0) zip_error_set(zip_get_error(archive_.get()), ZIP_ER_EOF, 0);
    if (got <= 0) break;
    done += static_cast<std::uint64_t>(got);
  }
  zip_source_close(source.get());
  return done == bytes;
}

}  // namespace styletransfer::detail
