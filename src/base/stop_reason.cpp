#include "styletransfer/stop_reason.h"

#include <array>
#include <utility>

namespace styletransfer {
namespace {

constexpr std::array kNames{
    std::pair{StopReason::kFinished, "finished"},
    std::pair{StopReason::kStationary, "stationary"},
    std::pair{StopReason::kPlateau, "plateau"},
    std::pair{StopReason::kTimeLimit, "time limit"},
    std::pair{StopReason::kInterrupted, "stopped"},
    std::pair{StopReason::kDiverged, "diverged"},
    std::pair{StopReason::kOutOfMemory, "out of memory"},
};

}  // namespace

std::string name_of(StopReason reason) {
  for (const auto& [known, name] : kNames) {
    if (known == reason) return name;
  }
  return "";
}

std::optional<StopReason> stop_reason_named(const std::string& name) {
  for (const auto& [reason, known] : kNames) {
    if (name == known) return reason;
  }
  return std::nullopt;
}

}  // namespace styletransfer
