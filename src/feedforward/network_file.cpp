#include "feedforward/network_file.h"

#include <algorithm>
#include <map>

#include "device/out_of_memory.h"
#include "serialization/network_file_type.h"
#include "serialization/stored_tensor.h"
#include "serialization/torchscript_check.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using torch::jit::Module;

constexpr const char* kExport = "export it from Python as TorchScript (docs/feed-forward.md)";

/// Returns an empty message for a file that may be a feed-forward network.
Message problem_with(NetworkFileType kind, const std::string& path) {
  switch (kind) {
    case NetworkFileType::kSpecial:
      return explain_network_file(kind, path);
    case NetworkFileType::kForeignTorchScript:
      return "";
    case NetworkFileType::kNetwork:
      return "is a network for the loss (" + option("model") +
             "), which paints nothing; name a feed-forward network";
    case NetworkFileType::kMissing:
      return "does not exist; check the path";
    case NetworkFileType::kFolder:
      return "is a folder; name the file";
    case NetworkFileType::kEmpty:
      return "is empty; copy it again";
    case NetworkFileType::kTruncatedZip:
      return "is cut off (an incomplete copy or download); copy it again";
    case NetworkFileType::kPythonWeights:
    case NetworkFileType::kLegacyPythonWeights:
      return std::string("holds weights without the network that they belong to; ") + kExport;
    case NetworkFileType::kSafetensors:
    case NetworkFileType::kOnnx:
    case NetworkFileType::kHdf5:
      return std::string("is in another program's format; ") + kExport;
    case NetworkFileType::kImage:
      return "is an image; name a network, and images without a flag";
    case NetworkFileType::kOtherZip:
    case NetworkFileType::kText:
    case NetworkFileType::kUnknown:
      break;
  }
  return "is not TorchScript; " + std::string(kExport);
}

/// Returns an attribute, or a constant (a Final field of a scripted class); None if there is
/// neither.
c10::IValue fact(const Module& module, const std::string& name) {
  if (module.hasattr(name)) return module.attr(name);
  const auto type = module.type();
  return type->hasConstant(name) ? type->getConstant(name) : c10::IValue();
}

std::optional<std::string> word(const Module& module, const std::string& name) {
  const c10::IValue value = fact(module, name);
  return value.isString() ? std::optional(printable(value.toStringRef())) : std::nullopt;
}

std::optional<ValueRange> range(const std::string& path, const Module& module,
                                const std::string& name) {
  static const std::map<std::string, ValueRange> kRanges{{"0..255", ValueRange::k0To255},
                                                         {"0..1", ValueRange::k0To1},
                                                         {"-1..1", ValueRange::kMinus1To1}};
  const auto text = word(module, name);
  if (!text) return std::nullopt;
  const auto known = kRanges.find(*text);
  if (known == kRanges.end()) {
    refuse_network_file(
        path, "has the attribute " + name + " '" + *text + "'; known are 0..255, 0..1 and -1..1");
  }
  return known->second;
}

/// Accepts only a list of three numbers: other programs may use the name for something else.
std::optional<std::array<double, 3>> triple(const Module& module, const std::string& name) {
  const c10::IValue value = fact(module, name);
  if (!value.isDoubleList() || value.toDoubleList().size() != 3) return std::nullopt;
  const auto list = value.toDoubleList();
  return std::array<double, 3>{list.get(0), list.get(1), list.get(2)};
}

ConventionClues clues_of(const std::string& path, const Module& module) {
  ConventionClues clues;
  clues.input_range = range(path, module, "input_range");
  clues.output_range = range(path, module, "output_range");
  if (const auto order = word(module, "channel_order")) {
    if (*order != "rgb" && *order != "bgr") {
      refuse_network_file(
          path, "has the attribute channel_order '" + *order + "'; known are rgb and bgr");
    }
    clues.bgr = *order == "bgr";
  }
  if (const c10::IValue multiple = fact(module, "multiple_of"); multiple.isInt()) {
    constexpr std::int64_t kMax = 4096;
    if (multiple.toInt() < 1 || multiple.toInt() > kMax) {
      refuse_network_file(path, "has the attribute multiple_of " +
                                    std::to_string(multiple.toInt()) + "; it must be 1 to " +
                                    std::to_string(kMax));
    }
    clues.multiple_of = static_cast<int>(multiple.toInt());
  }
  clues.mean = triple(module, "mean");
  clues.stddev = triple(module, "std");
  if (clues.stddev &&
      std::find(clues.stddev->begin(), clues.stddev->end(), 0.0) != clues.stddev->end()) {
    refuse_network_file(path, "has a standard deviation of 0 in the attribute std");
  }
  return clues;
}

}  // namespace

std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // In UTF-8, 0xC2 begins the characters from 0x80 to 0xBF, the first 32 of which are controls.
    const bool is_control = byte < 0x20 || byte == 0x7F || byte == 0xC2;
    if (is_control) text[i] = '?';
  }
  return text;
}

std::string text_attribute(const Module& module, const std::string& name) {
  return word(module, name).value_or("");
}

void refuse_network_file(const std::string& path, const Message& problem) {
  throw UsageError("the network '" + path + "' " + problem);
}

std::string last_error_text(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  // The interpreter puts the location in the network's code first and the cause last.
  constexpr std::size_t kMaxWords = 200;
  const std::size_t line = text.rfind('\n');
  if (line != std::string::npos) text = text.substr(line + 1);
  return printable(text.substr(0, kMaxWords));
}

TorchScriptArchive open_network_file(const std::string& path, NetworkTrust trust) {
  try {
    const NetworkFileType kind = network_file_type_of(path);
    const Message problem = problem_with(kind, path);
    const bool holds_code =
        kind == NetworkFileType::kNetwork || kind == NetworkFileType::kForeignTorchScript;
    if (!holds_code) refuse_network_file(path, problem);
    TorchScriptArchive archive(path);
    if (trust == NetworkTrust::kChecked) check_torchscript(archive);
    if (!problem.empty()) refuse_network_file(path, problem);
    return archive;
  } catch (const UnusableNetwork& problem) {
    refuse_network_file(path, problem.message());
  }
}

FeedForwardFile load_network_file(const std::string& path, const TorchScriptArchive& archive,
                                  NetworkTrust trust, c10::Device device) {
  FeedForwardFile file;
  try {
    file.module = trust == NetworkTrust::kTrusted ? load_trusted_module(archive, path, device)
                                                  : load_module(archive, device);
    file.module.eval();
  } catch (const UnusableNetwork& problem) {
    refuse_network_file(path, problem.message());
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) throw;
    refuse_network_file(
        path, "cannot be loaded by LibTorch (" + last_error_text(error) + "); " + kExport);
  }
  file.clues = clues_of(path, file.module);
  file.kind = text_attribute(file.module, "kind");
  return file;
}

}  // namespace styletransfer::detail
