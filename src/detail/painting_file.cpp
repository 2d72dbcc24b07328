#include "detail/painting_file.h"

#include <algorithm>
#include <map>

#include "detail/file_kind.h"
#include "detail/out_of_memory.h"
#include "detail/script_check.h"
#include "detail/stored_tensor.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using torch::jit::Module;

constexpr const char* kExport =
    "export it from Python as TorchScript (docs/manual.md, \"Networks of other programs\")";

/// The words may be a stranger's: nothing that a terminal would obey.
std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // In UTF-8, 0xC2 begins the characters from 0x80 to 0xBF, the first 32 of which are controls.
    const bool is_control = byte < 0x20 || byte == 0x7F || byte == 0xC2;
    if (is_control) text[i] = '?';
  }
  return text;
}

/// Empty for a file that may be a painting network.
std::string trouble_with(FileKind kind, const std::string& path) {
  switch (kind) {
    case FileKind::kSpecial:
    case FileKind::kUnusableArchive:
      return explain_file_kind(kind, path);
    case FileKind::kForeignTorchScript:
      return "";
    case FileKind::kNetwork:
      return "is a network for the loss (--model), which paints nothing; name a painting network";
    case FileKind::kMissing:
      return "does not exist; check the path";
    case FileKind::kFolder:
      return "is a folder; name the file";
    case FileKind::kUnreadable:
      return "cannot be read; check its permissions";
    case FileKind::kEmpty:
      return "is empty; copy it again";
    case FileKind::kCutOffZip:
      return "is cut off (an incomplete copy or download); copy it again";
    case FileKind::kPythonWeights:
    case FileKind::kLegacyPythonWeights:
      return std::string("holds weights without the network that they belong to; ") + kExport;
    case FileKind::kSafetensors:
    case FileKind::kOnnx:
    case FileKind::kHdf5:
      return std::string("is in another program's format; ") + kExport;
    case FileKind::kPicture:
      return "is a picture; name a network, and pictures without a flag";
    case FileKind::kOtherZip:
    case FileKind::kText:
    case FileKind::kUnknown:
      break;
  }
  return "is not TorchScript; " + std::string(kExport);
}

/// An attribute, or a constant (a Final field of a scripted class); none when there is none.
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
    refuse_painting_file(
        path, "has the attribute " + name + " '" + *text + "'; known are 0..255, 0..1 and -1..1");
  }
  return known->second;
}

/// Only a list of three numbers: other programs may use the name for something else.
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
      refuse_painting_file(
          path, "has the attribute channel_order '" + *order + "'; known are rgb and bgr");
    }
    clues.bgr = *order == "bgr";
  }
  if (const c10::IValue multiple = fact(module, "multiple_of"); multiple.isInt()) {
    constexpr std::int64_t kMost = 4096;
    if (multiple.toInt() < 1 || multiple.toInt() > kMost) {
      refuse_painting_file(path, "has the attribute multiple_of " +
                                     std::to_string(multiple.toInt()) + "; it must be 1 to " +
                                     std::to_string(kMost));
    }
    clues.multiple_of = static_cast<int>(multiple.toInt());
  }
  clues.mean = triple(module, "mean");
  clues.deviation = triple(module, "std");
  if (clues.deviation &&
      std::find(clues.deviation->begin(), clues.deviation->end(), 0.0) != clues.deviation->end()) {
    refuse_painting_file(path, "has a standard deviation of 0 in the attribute std");
  }
  return clues;
}

}  // namespace

void refuse_painting_file(const std::string& path, const std::string& trouble) {
  throw UsageError("the network '" + path + "' " + trouble);
}

std::string last_words(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  // The interpreter puts the place in the network's code first and the cause last.
  constexpr std::size_t kMostWords = 200;
  const std::size_t line = text.rfind('\n');
  if (line != std::string::npos) text = text.substr(line + 1);
  return printable(text.substr(0, kMostWords));
}

ScriptArchive open_painting_file(const std::string& path, NetworkTrust trust) {
  const FileKind kind = classify_file(path);
  try {
    const std::string problem = trouble_with(kind, path);
    const bool holds_code = kind == FileKind::kNetwork || kind == FileKind::kForeignTorchScript;
    if (!holds_code) refuse_painting_file(path, problem);
    ScriptArchive archive(path);
    if (trust == NetworkTrust::kChecked) check_script(archive);
    if (!problem.empty()) refuse_painting_file(path, problem);
    return archive;
  } catch (const UnusableNetwork& problem) {
    refuse_painting_file(path, problem.what());
  }
}

PaintingFile load_painting_file(const std::string& path, const ScriptArchive& archive,
                                NetworkTrust trust, c10::Device device) {
  PaintingFile file;
  try {
    file.module = trust == NetworkTrust::kTrusted ? load_trusted_module(archive, path, device)
                                                  : load_module(archive, device);
    file.module.eval();
  } catch (const UnusableNetwork& problem) {
    refuse_painting_file(path, problem.what());
  } catch (const std::exception& error) {
    if (tells_of_memory(error)) throw;
    refuse_painting_file(path,
                         "cannot be loaded by LibTorch (" + last_words(error) + "); " + kExport);
  }
  file.clues = clues_of(path, file.module);
  file.kind = word(file.module, "kind").value_or("");
  return file;
}

}  // namespace styletransfer::detail
