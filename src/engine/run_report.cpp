#include "styletransfer/run_report.h"

#include "styletransfer/runtime.h"

namespace styletransfer {

MachineReport machine_report(const Runtime& runtime) {
  const char* precision = runtime.feature_type != c10::kFloat ? "bfloat16"
                          : runtime.multiplies_int16          ? "int16"
                                                              : "float32";
  return {runtime.description, runtime.threads, precision};
}

}  // namespace styletransfer
