#include "cli/args/completions.h"

#include "cli/args/values.h"

namespace styletransfer::cli {

std::string completion_script(const std::string& shell, const std::vector<CommandShape>& commands) {
  using Writer = std::string (*)(const std::vector<CommandShape>&);
  static constexpr std::array kShells{Choice<Writer>{"bash", bash_completion},
                                      Choice<Writer>{"zsh", zsh_completion},
                                      Choice<Writer>{"fish", fish_completion}};
  return parse_choice("completions", shell, kShells)(commands);
}

}  // namespace styletransfer::cli
