#include "cli/checkpoint/checkpoint_fingerprint.h"

#include <nlohmann/json.hpp>

#include "cli/terminal/version.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

// The key `picture` serves all kinds of runs, for compatibility with stored checkpoints.
constexpr const char* kResult = "picture";
constexpr const char* kMachine = "machine";

std::string difference_of(const char* part, const std::string& there, const std::string& now) {
  const Json was = Json::parse(there, nullptr, /*allow_exceptions=*/false);
  const Json is = Json::parse(now, nullptr, /*allow_exceptions=*/false);
  if (!was.is_object()) return "it has no settings";
  return settings_difference(was.value(part, Json::object()).dump(),
                             is.value(part, Json::object()).dump());
}

}  // namespace

std::string fingerprint_text(const std::string& settings, const Runtime& runtime) {
  Json decisive = Json::parse(settings);
  decisive["version"] = program_version();
  decisive["libtorch"] = libtorch_version();
  decisive["device"] = runtime.device.is_cpu() ? "cpu" : c10::DeviceTypeName(runtime.device.type());
  decisive["precision"] = precision_name(runtime);
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
