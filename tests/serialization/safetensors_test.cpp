#include "serialization/safetensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "serialization/checkpoint_file.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;

class Safetensors : public testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }

  [[nodiscard]] std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  template <class Error>
  std::string refusal() const {
    try {
      static_cast<void>(read_checkpoint_file(path_));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  const std::string path_ =
      fs::temp_directory_path() / ("styletransfer_" + std::to_string(getpid()) + ".safetensors");
  const std::map<std::string, at::Tensor> tensors_{
      {"a", at::rand({2, 3})},
      {"b", at::rand({5}).to(at::kBFloat16)},
      {"c", at::rand({4}).to(at::kHalf)},
      {"d", at::arange(7, at::kLong)},
      {"e", at::rand({0, 3}, at::kDouble)},
      {"f", at::rand({}, at::kDouble)},
  };
};

TEST_F(Safetensors, AreReadAsTheyWereWritten) {
  write_safetensors(tensors_, {{"source", "a test"}}, "", path_);
  SafetensorsReader reader(path_, 1 << 20);
  EXPECT_EQ(reader.metadata().at("source"), "a test");
  EXPECT_EQ(reader.names().size(), tensors_.size());
  for (const auto& [name, tensor] : tensors_) {
    const at::Tensor read = reader.read(name);
    EXPECT_EQ(read.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read, tensor)) << name;
  }
}

TEST_F(Safetensors, HaveAChecksumInCheckpoints) {
  write_checkpoint_file({tensors_, "{\"text\": \"ü\"}"}, path_);
  const CheckpointContents contents = read_checkpoint_file(path_);
  EXPECT_EQ(contents.text, "{\"text\": \"ü\"}");
  EXPECT_EQ(contents.tensors.size(), tensors_.size());
  const std::string whole = bytes();
  for (const std::size_t position : {whole.size() - 40, whole.size() - 1}) {
    std::string changed = whole;
    changed[position] = static_cast<char>(changed[position] ^ 1);
    write(changed);
    EXPECT_NE(refusal<UsageError>().find("SHA-256"), std::string::npos) << position;
  }
}

TEST_F(Safetensors, ThatAreCutOffOrNoneAreRefused) {
  write_checkpoint_file({tensors_, "text"}, path_);
  const std::string whole = bytes();
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{9}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    write(whole.substr(0, count));
    EXPECT_NE(refusal<UsageError>().find("state file"), std::string::npos) << count;
  }
  write("just a text, longer than eight bytes");
  EXPECT_NE(refusal<UsageError>().find("no JSON header"), std::string::npos);
}

}  // namespace
}  // namespace styletransfer::detail
