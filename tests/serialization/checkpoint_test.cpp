#include "styletransfer/checkpoint.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "serialization/checkpoint_file.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

class CheckpointFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  std::string refusal() const {
    try {
      static_cast<void>(load_checkpoint(path_));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "taken";
  }

  std::string path_ = (std::filesystem::temp_directory_path() /
                       ("checkpoint_test." + std::to_string(::getpid()) + ".state"))
                          .string();
};

TEST_F(CheckpointFile, ComesBackAsItWasWritten) {
  const at::Tensor x = at::arange(12, at::kFloat).reshape({3, 4});
  const Checkpoint written{2, 17, {{"x", x}}, "{\"a\": \"\xC3\xBC\"}"};
  save_checkpoint(written, "the fingerprint", path_);
  const SavedCheckpoint saved = load_checkpoint(path_);
  EXPECT_EQ(saved.fingerprint, "the fingerprint");
  EXPECT_EQ(saved.checkpoint.pass_index, 2);
  EXPECT_EQ(saved.checkpoint.iteration, 17);
  EXPECT_EQ(saved.checkpoint.text, written.text);
  EXPECT_TRUE(at::equal(saved.checkpoint.tensors.at("x"), x));
  EXPECT_GE(checkpoint_file_bytes(written), std::filesystem::file_size(path_));
}

/// The forms of version 0.1.0's first builds, of a run and of a training.
TEST_F(CheckpointFile, OfAnOlderFormIsRefusedInWords) {
  for (const char* text :
       {R"({"format": 3, "pass_index": 0, "binding": "b"})",
        R"({"training_format": 1, "numbers": {"iteration": 3}, "binding": "b"})"}) {
    detail::write_checkpoint_file({{{"x", at::zeros({2})}}, text}, path_);
    EXPECT_NE(refusal().find("was written by another version of this program"), std::string::npos)
        << refusal();
  }
}

TEST_F(CheckpointFile, OfAnotherProgramIsRefused) {
  for (const char* text : {"not JSON", "{}", "[]", R"({"format": 4})", R"({"format": "4"})"}) {
    detail::write_checkpoint_file({{{"x", at::zeros({2})}}, text}, path_);
    EXPECT_NE(refusal().find("is not a state file of this program"), std::string::npos)
        << text << ": " << refusal();
  }
}

}  // namespace
}  // namespace styletransfer
