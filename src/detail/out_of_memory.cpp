#include "detail/out_of_memory.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

namespace styletransfer::detail {

bool tells_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // LibTorch reports an exhausted CPU by a general error with these words; its interpreter wraps
  // what the standard library throws.
  const std::string text = error.what();
  return text.find("std::bad_alloc") != std::string::npos ||
         text.find("allocate memory") != std::string::npos ||
         text.find("not enough memory") != std::string::npos;
}

}  // namespace styletransfer::detail
