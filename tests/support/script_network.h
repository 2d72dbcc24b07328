// Small networks in TorchScript files, each defined by the code of its forward().
#pragma once

#include <torch/csrc/jit/api/module.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace styletransfer {

/// A temporary network file, deleted with this object.
class ScriptNetworkFile {
 public:
  /// `input_range`: the attribute of that name; empty: none.
  explicit ScriptNetworkFile(const std::string& forward, const std::string& input_range = "0..1")
      : path_((std::filesystem::temp_directory_path() /
               ("styletransfer_network_" + std::to_string(::getpid()) + ".pt"))
                  .string()) {
    torch::jit::Module module("__torch__.Tested");
    if (!input_range.empty()) {
      module.register_attribute("input_range", c10::StringType::get(), input_range);
    }
    module.register_attribute("training_steps", c10::IntType::get(), std::int64_t{3});
    module.define("def forward(self, x):\n" + forward);
    module.save(path_);
  }
  ~ScriptNetworkFile() { std::filesystem::remove(path_); }
  ScriptNetworkFile(const ScriptNetworkFile&) = delete;
  ScriptNetworkFile& operator=(const ScriptNetworkFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace styletransfer
