#include "serialization/torchscript_check.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <string>

#include "serialization/torchscript_operations.h"
#include "support/script_network.h"

namespace styletransfer::detail {
namespace {

/// The error message; empty for a network that is accepted.
std::string refusal(const std::string& forward) {
  const ScriptNetworkFile file(forward);
  try {
    check_torchscript(TorchScriptArchive(file.path()));
  } catch (const UnusableNetwork& problem) {
    return problem.what();
  }
  return "";
}

TEST(AllowedOperations, AreSortedAndKnownToLibTorch) {
  const auto names = allowed_aten_operations();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string_view name : names) {
    // Missing in the oldest LibTorch that the program supports.
    if (name == "_upsample_lanczos2d_aa") continue;
    const auto symbol = c10::Symbol::fromQualString("aten::" + std::string(name));
    EXPECT_FALSE(torch::jit::getAllOperatorsFor(symbol).empty()) << name;
  }
}

TEST(AllowedOperations, TakeNoneThatReachesBeyondTheComputation) {
  for (const char* name : {"save", "from_file", "as_strided", "set_", "empty", "resize_", "print",
                           "wait", "manual_seed", "backward", "eval", "_save"}) {
    EXPECT_FALSE(is_allowed_aten(name)) << name;
  }
  EXPECT_FALSE(is_allowed_prim("Print"));
  EXPECT_FALSE(is_allowed_builtin("print"));
}

TEST(AllowedOperations, TakeInPlaceForms) {
  EXPECT_TRUE(is_allowed_aten("relu_"));
  EXPECT_FALSE(is_allowed_aten("relu__"));
  EXPECT_FALSE(is_allowed_aten("save_"));
}

TEST(TorchScriptCheck, TakesArithmeticListsAndControlFlow) {
  EXPECT_EQ(refusal("    sizes = [1, 2]\n"
                    "    for i in range(3):\n"
                    "        if x.size(2) > i:\n"
                    "            sizes.append(i * 2)\n"
                    "    y = x\n"
                    "    while len(sizes) > 3:\n"
                    "        y = torch.relu(y + float(sizes.pop()))\n"
                    "    return torch.clamp(y, -1.0, 1.0)\n"),
            "");
}

TEST(TorchScriptCheck, NamesTheOperationThatItRefuses) {
  const std::string words = refusal("    torch.save(x, \"a file\")\n    return x\n");
  EXPECT_NE(words.find("'torch.save'"), std::string::npos) << words;
  EXPECT_NE(words.find("code/__torch__.py"), std::string::npos) << words;
  EXPECT_NE(words.find("trust"), std::string::npos) << words;
}

TEST(TorchScriptCheck, RefusesPrinting) {
  EXPECT_NE(refusal("    print(x)\n    return x\n").find("'print'"), std::string::npos);
}

}  // namespace
}  // namespace styletransfer::detail
