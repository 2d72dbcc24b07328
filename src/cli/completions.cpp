#include "cli/completions.h"

#include "cli/values.h"

namespace styletransfer::cli {

std::string completion_script(const std::string& shell, const std::vector<CommandShape>& commands) {
  static const std::vector<std::string> kShells{"bash", "zsh", "fish"};
  if (shell == kShells[0]) return bash_completion(commands);
  if (shell == kShells[1]) return zsh_completion(commands);
  if (shell == kShells[2]) return fish_completion(commands);
  throw UsageError("completions " + shell + ": choose " + either_of(kShells) +
                   detail::did_you_mean(shell, kShells));
}

}  // namespace styletransfer::cli
