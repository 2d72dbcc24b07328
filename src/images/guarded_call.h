// C libraries that report errors by longjmp, made safe to call from C++.
#pragma once

#include <csetjmp>

namespace styletransfer {

/// Runs `call` with `target` as the place to jump back to; false when it jumped. `call` must hold
/// nothing with a destructor across calls into the library: a jump skips destructors.
template <typename Call>
[[nodiscard]] bool finishes_without_jump(std::jmp_buf& target, Call&& call) {
  if (setjmp(target) != 0) return false;
  call();
  return true;
}

}  // namespace styletransfer
