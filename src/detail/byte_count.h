// Amounts of memory in words.
#pragma once

#include "base/byte_count.h"
