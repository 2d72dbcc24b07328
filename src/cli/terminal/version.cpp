#include "cli/terminal/version.h"

namespace styletransfer::cli {

std::string program_version() { return STYLETRANSFER_VERSION; }

std::string libtorch_version() { return LIBTORCH_VERSION; }

}  // namespace styletransfer::cli
