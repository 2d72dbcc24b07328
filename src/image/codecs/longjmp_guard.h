// Guard for C libraries that report errors by longjmp.
#pragma once

#include <csetjmp>

namespace styletransfer {

/// Runs `call` with `target` as the jump target; returns false if the library jumped. `call` must
/// hold no object with a destructor across calls into the library: a jump skips destructors.
template <typename Call>
[[nodiscard]] bool finishes_without_jump(std::jmp_buf& target, Call&& call) {
  if (setjmp(target) != 0) return false;
  call();
  return true;
}

}  // namespace styletransfer
