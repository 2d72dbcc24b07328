#include "detail/replaced_file.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;

/// Deletes a half-written file unless it was moved to its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target)
      : target_(target), path_(target.string() + ".part" + std::to_string(::getpid())) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }
  void move_into_place() const { fs::rename(path_, target_); }

 private:
  fs::path target_;
  fs::path path_;
};

}  // namespace

void replace_file(const std::string& what, const std::string& path,
                  const std::function<void(const std::string& beside)>& write) {
  const fs::path target(path);
  const TemporaryFile temporary(target);
  try {
    if (target.has_parent_path()) fs::create_directories(target.parent_path());
    write(temporary.path());
    temporary.move_into_place();
  } catch (const std::exception&) {
    throw RunError("cannot write the " + what + " '" + path +
                   "'; check that its folder can be written and the disk has room");
  }
}

}  // namespace styletransfer::detail
