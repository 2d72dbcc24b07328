#include "cli/run_binding.h"

#include <nlohmann/json.hpp>

#include "cli/command_line.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPicture = "picture";
constexpr const char* kMachine = "machine";

std::string difference_of(const char* part, const std::string& there, const std::string& now) {
  const Json was = Json::parse(there, nullptr, /*allow_exceptions=*/false);
  const Json is = Json::parse(now, nullptr, /*allow_exceptions=*/false);
  if (!was.is_object()) return "it says nothing of its settings";
  return settings_difference(was.value(part, Json::object()).dump(),
                             is.value(part, Json::object()).dump());
}

}  // namespace

std::string run_binding(const StylizeOptions& options, const InputHashes& inputs,
                        const Runtime& runtime) {
  Json picture = Json::parse(request_text(options, inputs));
  picture["version"] = program_version();
  picture["libtorch"] = LIBTORCH_VERSION;
  picture["device"] = runtime.device.is_cpu() ? "cpu" : c10::DeviceTypeName(runtime.device.type());
  picture["precision"] = feature_type_name(runtime);
  const Json machine = {{"threads", runtime.threads}, {"device", runtime.description}};
  return Json{{kPicture, picture}, {kMachine, machine}}.dump();
}

std::string binding_difference(const std::string& there, const std::string& now) {
  return difference_of(kPicture, there, now);
}

std::string machine_difference(const std::string& there, const std::string& now) {
  return difference_of(kMachine, there, now);
}

}  // namespace styletransfer::cli
