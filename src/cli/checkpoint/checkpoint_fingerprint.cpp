#include "cli/checkpoint/checkpoint_fingerprint.h"

#include "cli/checkpoint/run_metadata.h"
#include "cli/options/stored_options.h"
#include "cli/terminal/version.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {
namespace {

// The key `picture` serves all kinds of runs, for compatibility with stored checkpoints.
constexpr const char* kResult = "picture";
constexpr const char* kMachine = "machine";

std::string difference_of(const char* part, const std::string& there, const std::string& now) {
  const Json all = Json::parse(there, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) return "it has no settings";
  const Json was = all.value(part, Json::object());
  const Json is = Json::parse(now).value(part, Json::object());
  if (std::string message = first_difference(was, is); !message.empty()) return message;
  for (const auto& [key, value] : was.items()) {
    if (!is.contains(key)) return key + " is " + value.dump() + " there and not set now";
  }
  return "";
}

}  // namespace

std::string fingerprint_text(const std::string& settings, const Runtime& runtime) {
  Json decisive = Json::parse(settings);
  decisive["version"] = program_version();
  decisive["libtorch"] = libtorch_version();
  decisive["device"] = runtime.device.is_cpu() ? "cpu" : c10::DeviceTypeName(runtime.device.type());
  decisive["precision"] = machine_report(runtime).precision;
  const Json machine = {{"threads", runtime.threads}, {"device", runtime.description}};
  return Json{{kResult, decisive}, {kMachine, machine}}.dump();
}

std::string checkpoint_fingerprint(const StylizeOptions& options, const InputHashes& inputs,
                                   const Runtime& runtime) {
  return fingerprint_text(request_text(options, inputs), runtime);
}

std::string fingerprint_difference(const std::string& there, const std::string& now) {
  return difference_of(kResult, there, now);
}

std::string machine_difference(const std::string& there, const std::string& now) {
  return difference_of(kMachine, there, now);
}

}  // namespace styletransfer::cli
