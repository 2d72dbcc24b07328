#include "styletransfer/model.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "styletransfer/error.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// Creates a separate folder for each test.
class NetworkFile : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              ("styletransfer_" + std::string(test->name()) + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  std::string saved_tiny_network() const {
    save_network(tiny_network(), path("tiny.pt"));
    return path("tiny.pt");
  }

  fs::path folder_;
};

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Returns the error message; fails the test if there is no error.
template <typename Work>
std::string refusal_of(const Work& work) {
  try {
    work();
  } catch (const UsageError& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

std::string refusal_of_network(const std::string& path) {
  const std::string checked = refusal_of([&] { check_network_file(path); });
  EXPECT_EQ(checked, refusal_of([&] { static_cast<void>(load_network(path)); }));
  EXPECT_EQ(checked.find('\n'), std::string::npos) << checked;
  EXPECT_NE(checked.find(path), std::string::npos) << checked;
  return checked;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

/// Writes a safetensors file with the given tensors.
std::string safetensors(const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                        const std::string& metadata, const std::string& type = "F32") {
  std::string header = "{";
  std::string data;
  if (!metadata.empty()) header += "\"__metadata__\":" + metadata + ",";
  for (const auto& [name, tensor] : tensors) {
    std::string shape;
    for (const auto extent : tensor.sizes()) {
      shape.append(shape.empty() ? "" : ",").append(std::to_string(extent));
    }
    const at::Tensor flat = tensor.contiguous();
    const std::size_t start = data.size();
    data.append(static_cast<const char*>(flat.data_ptr()), flat.nbytes());
    header += "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape +
              "],\"data_offsets\":[" + std::to_string(start) + "," + std::to_string(data.size()) +
              "]},";
  }
  header.back() = '}';
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i) & 255U);
  return length + header + data;
}

std::vector<std::pair<std::string, at::Tensor>> weights_of(const Network& network) {
  std::vector<std::pair<std::string, at::Tensor>> weights;
  for (const Layer& layer : network.layers) {
    if (layer.kind != LayerKind::kConvolution) continue;
    weights.emplace_back(layer.name + ".weight", layer.weight);
    weights.emplace_back(layer.name + ".bias", layer.bias);
  }
  return weights;
}

void expect_same_layers(const Network& a, const Network& b, double tolerance = 0.0) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].name, b.layers[i].name);
    EXPECT_EQ(a.layers[i].kind, b.layers[i].kind);
    if (a.layers[i].kind != LayerKind::kConvolution) continue;
    EXPECT_TRUE(at::allclose(a.layers[i].weight, b.layers[i].weight, tolerance, tolerance));
    EXPECT_TRUE(at::allclose(a.layers[i].bias, b.layers[i].bias, tolerance, tolerance));
  }
}

const char* const kCaffe = R"({"input":"caffe","source":"a test"})";

TEST_F(NetworkFile, ComesBackFromDiskUnchanged) {
  Network network = tiny_network();
  network.input = input_convention("torchvision");
  save_network(network, path("tiny.pt"));
  const Network loaded = load_network(path("tiny.pt"));
  expect_same_layers(network, loaded);
  EXPECT_EQ(loaded.input, network.input);
  EXPECT_EQ(loaded.source, network.source);
  EXPECT_EQ(loaded.path, path("tiny.pt"));
  EXPECT_EQ(loaded.file_bytes, static_cast<std::int64_t>(fs::file_size(path("tiny.pt"))));
}

TEST_F(NetworkFile, HoldsFrozenWeights) {
  for (const Layer& layer : load_network(saved_tiny_network()).layers) {
    if (layer.kind != LayerKind::kConvolution) continue;
    EXPECT_FALSE(layer.weight.requires_grad());
    EXPECT_FALSE(layer.bias.requires_grad());
  }
}

TEST_F(NetworkFile, RunsOnItsOwnAsTorchScript) {
  torch::jit::Module module = torch::jit::load(saved_tiny_network());
  const at::Tensor image_rgb01 = at::rand({64, 48, 3});
  const at::Tensor output =
      module.forward({image_rgb01.permute({2, 0, 1}).unsqueeze(0)}).toTensor();
  const at::Tensor expected = naive_features(tiny_network(), image_rgb01).at("pool5").unsqueeze(0);
  EXPECT_TRUE(at::allclose(output.to(at::kDouble), expected, 1e-4, 1e-4));
}

TEST_F(NetworkFile, MakesFoldersAndLeavesNothingElse) {
  save_network(tiny_network(), path("a/b/tiny.pt"));
  int files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path("a/b"))) ++files;
  EXPECT_EQ(files, 1);
}

TEST_F(NetworkFile, KeepsTheOldFileWhenItCannotBeWritten) {
  const std::string file = write("folder", "a plain file where a folder is wanted");
  EXPECT_THROW(save_network(tiny_network(), file + "/tiny.pt"), RunError);
  EXPECT_EQ(read_bytes(file), "a plain file where a folder is wanted");
}

TEST_F(NetworkFile, SaysThatItIsMissing) {
  EXPECT_SAYS(refusal_of_network(path("absent.pt")), "does not exist");
  EXPECT_SAYS(refusal_of_network(path("absent.pt")), "scripts/fetch_model");
}

TEST_F(NetworkFile, SaysThatItIsAFolder) {
  EXPECT_SAYS(refusal_of_network(folder_.string()), "is a folder");
}

TEST_F(NetworkFile, SaysThatItIsEmpty) {
  EXPECT_SAYS(refusal_of_network(write("empty.pt", "")), "is empty");
}

TEST_F(NetworkFile, SaysThatItIsCutOffWhereverTheCutIs) {
  const std::string whole = read_bytes(saved_tiny_network());
  for (const double share : {0.01, 0.5, 0.9, 0.999}) {
    const auto bytes = static_cast<std::size_t>(share * static_cast<double>(whole.size()));
    EXPECT_SAYS(refusal_of_network(write("cut.pt", whole.substr(0, bytes))), "cut off");
  }
}

TEST_F(NetworkFile, SaysThatItIsAPythonWeightFile) {
  // A zip archive with the records that torch.save writes; it uses the same tensor writer.
  const std::vector<char> pickle = torch::jit::pickle_save(at::ones({2}));
  const std::string saved = write("state.pth", std::string(pickle.begin(), pickle.end()));
  EXPECT_SAYS(refusal_of_network(saved), "Python weight file");
  EXPECT_SAYS(refusal_of_network(saved), "styletransfer model import");
}

TEST_F(NetworkFile, SaysThatItIsAnOldPythonWeightFile) {
  const std::string magic = "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.";
  EXPECT_SAYS(refusal_of_network(write("old.pth", magic + "more")), "old pickle format");
}

TEST_F(NetworkFile, SaysThatItIsSafetensorsAndNamesTheCommand) {
  const std::string file =
      write("w.safetensors", safetensors({{"conv1_1.bias", at::ones({2})}}, kCaffe));
  EXPECT_SAYS(refusal_of_network(file), "styletransfer model import " + file);
}

TEST_F(NetworkFile, SaysThatItIsTorchScriptOfAnotherProgram) {
  torch::jit::Module other("Other");
  other.register_parameter("weight", at::ones({3}), false);
  other.define("def forward(self, x):\n    return x * self.weight\n");
  other.save(path("other.pt"));
  EXPECT_SAYS(refusal_of_network(path("other.pt")), "TorchScript of another program");
}

TEST_F(NetworkFile, SaysThatItIsAnotherKindOfFile) {
  EXPECT_SAYS(refusal_of_network(write("a.onnx", std::string("\x08\x07\x12\x07pytorch\x1a", 12))),
              "ONNX");
  EXPECT_SAYS(refusal_of_network(write("a.h5", "\x89HDF\r\n\x1a\n0000")), "HDF5");
  EXPECT_SAYS(refusal_of_network(write("a.jpg", "\xff\xd8\xff\xe0 and so on")), "image");
  EXPECT_SAYS(refusal_of_network(write("a.html", "<!DOCTYPE html><html>404</html>")), "text");
  EXPECT_SAYS(refusal_of_network(write("a.bin", "\x01\x02\x03\x04\xff\xfe")), "not a network");
  EXPECT_SAYS(refusal_of_network(write("a.zip", std::string("PK\5\6") + std::string(18, '\0'))),
              "not a network");
}

TEST_F(NetworkFile, SaysThatABitIsDamagedAndWhere) {
  std::string bytes = read_bytes(saved_tiny_network());
  const at::Tensor weight = tiny_network().layers[0].weight.contiguous();
  const std::size_t place =
      bytes.find(std::string(static_cast<const char*>(weight.const_data_ptr()), weight.nbytes()));
  ASSERT_NE(place, std::string::npos);
  bytes[place + weight.nbytes() / 2] ^= 1;
  const std::string text =
      refusal_of([&] { static_cast<void>(load_network(write("damaged.pt", bytes))); });
  EXPECT_SAYS(text, "damaged.pt");
  EXPECT_SAYS(text, "data/0");
  EXPECT_SAYS(text, "CRC-32");
}

TEST_F(NetworkFile, DoesNotWaitForAPipe) {
  ASSERT_EQ(::mkfifo(path("pipe.pt").c_str(), 0600), 0);
  EXPECT_SAYS(refusal_of_network(path("pipe.pt")), "pipe or a device");
  EXPECT_SAYS(refusal_of([&] { import_network(path("pipe.pt"), path("n.pt")); }), "a pipe");
}

TEST_F(NetworkFile, RefusesLayersItCannotRun) {
  Network network = tiny_network();
  network.layers[0].weight = at::ones({8, 3, 5, 5});
  save_network(network, path("five.pt"));
  const std::string text = refusal_of([&] { static_cast<void>(load_network(path("five.pt"))); });
  EXPECT_SAYS(text, "conv1_1");
  EXPECT_SAYS(text, "[out, in, 3, 3]");
}

TEST_F(NetworkFile, RefusesLayersInAnOrderThatNoVggHas) {
  const auto refusal_with = [&](std::size_t place, const Layer& layer) {
    Network network = tiny_network();
    network.layers.insert(network.layers.begin() + static_cast<std::ptrdiff_t>(place), layer);
    save_network(network, path("order.pt"));
    return refusal_of([&] { static_cast<void>(load_network(path("order.pt"))); });
  };
  // conv1_1 relu1_1 conv1_2 relu1_2 pool1 conv2_1 ...
  EXPECT_SAYS(refusal_with(5, {"pool1b", LayerKind::kPool, {}, {}}),
              "pool1b follows pool1 with no convolution between");
  EXPECT_SAYS(refusal_with(2, {"relu1_1b", LayerKind::kRelu, {}, {}}), "relu1_1b follows relu1_1");
  EXPECT_SAYS(refusal_with(5, {"relu1_3", LayerKind::kRelu, {}, {}}), "relu1_3 follows pool1");
  EXPECT_SAYS(refusal_with(0, {"pool0", LayerKind::kPool, {}, {}}),
              "pool0 comes before any convolution");
}

TEST_F(NetworkFile, IsHashedAsSha256) {
  EXPECT_EQ(file_sha256(write("abc", "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_THROW(static_cast<void>(file_sha256(path("absent"))), UsageError);
}

TEST_F(NetworkFile, IsFoundByFlagBeforeVariable) {
  ::setenv("STYLETRANSFER_MODEL", "/by/variable.pt", 1);
  EXPECT_EQ(find_network("/by/flag.pt"), "/by/flag.pt");
  EXPECT_EQ(find_network(""), "/by/variable.pt");
  ::unsetenv("STYLETRANSFER_MODEL");
}

TEST_F(NetworkFile, IsFoundInModelsOfTheCurrentFolder) {
  fs::create_directories(path("models"));
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  std::ofstream("models/vgg19.pt") << "x";
  // The models/ folder of the build tree takes precedence if it contains the real network.
  EXPECT_EQ(fs::path(find_network("")).filename(), "vgg19.pt");
  fs::current_path(before);
}

TEST_F(NetworkFile, ListsLayersOfAKindInOrder) {
  const auto pools = layer_names(tiny_network(), LayerKind::kPool);
  EXPECT_EQ(pools, (std::vector<std::string>{"pool1", "pool2", "pool3", "pool4", "pool5"}));
}

TEST_F(NetworkFile, IsMadeFromSafetensors) {
  const Network network = tiny_network();
  import_network(write("w.safetensors", safetensors(weights_of(network), kCaffe)), path("n.pt"));
  const Network imported = load_network(path("n.pt"));
  expect_same_layers(network, imported);
  EXPECT_EQ(imported.input, input_convention("caffe"));
  EXPECT_EQ(imported.source, "a test");
}

TEST_F(NetworkFile, IsMadeFromHalfPrecisionWeights) {
  const Network network = tiny_network();
  auto weights = weights_of(network);
  for (auto& [name, tensor] : weights) tensor = tensor.to(at::kHalf);
  import_network(write("w.safetensors", safetensors(weights, kCaffe, "F16")), path("n.pt"));
  expect_same_layers(network, load_network(path("n.pt")), 2e-3);
}

TEST_F(NetworkFile, IsMadeFromTorchvisionNames) {
  const Network network = tiny_network();
  std::vector<std::pair<std::string, at::Tensor>> weights;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    if (layer.kind != LayerKind::kConvolution) continue;
    weights.emplace_back("features." + std::to_string(i) + ".weight", layer.weight);
    weights.emplace_back("features." + std::to_string(i) + ".bias", layer.bias);
  }
  weights.emplace_back("classifier.0.weight", at::ones({4, 4}));
  const std::string file = write("w.safetensors", safetensors(weights, ""));
  import_network(file, path("n.pt"), "torchvision");
  const Network imported = load_network(path("n.pt"));
  expect_same_layers(network, imported);
  EXPECT_EQ(imported.input, input_convention("torchvision"));
}

class SafetensorsImport : public NetworkFile {
 protected:
  std::string refusal_of_import(const std::string& bytes, const std::string& input = "") const {
    const std::string file = write("w.safetensors", bytes);
    const std::string text = refusal_of([&] { import_network(file, path("n.pt"), input); });
    EXPECT_FALSE(fs::exists(path("n.pt")));
    EXPECT_SAYS(text, file);
    return text;
  }
};

TEST_F(SafetensorsImport, IsRefusedWhereTensorsOverlap) {
  std::string bytes = safetensors(
      {{"conv1_1.weight", at::ones({8, 3, 3, 3})}, {"conv1_1.bias", at::ones({8})}}, kCaffe);
  const std::string own = "[864,896]";
  const std::size_t place = bytes.find(own);
  ASSERT_NE(place, std::string::npos);
  bytes.replace(place, own.size(), "[860,892]");
  EXPECT_SAYS(refusal_of_import(bytes), "conv1_1.bias overlap");
}

TEST_F(SafetensorsImport, IsRefusedWithoutInputConvention) {
  EXPECT_SAYS(refusal_of_import(safetensors(weights_of(tiny_network()), "")), "input");
  EXPECT_SAYS(refusal_of_import(safetensors(weights_of(tiny_network()), R"({"input":"x"})")),
              "choose caffe or torchvision");
}

TEST_F(SafetensorsImport, IsRefusedWhenInputIsContradicted) {
  const std::string bytes = safetensors(weights_of(tiny_network()), kCaffe);
  EXPECT_SAYS(refusal_of_import(bytes, "torchvision"), "say their input convention is 'caffe'");
}

TEST_F(SafetensorsImport, IsRefusedWithALayerMissing) {
  auto weights = weights_of(tiny_network());
  weights.erase(weights.begin() + 4, weights.begin() + 6);
  EXPECT_SAYS(refusal_of_import(safetensors(weights, kCaffe)), "conv2_1");
}

TEST_F(SafetensorsImport, IsRefusedWithABiasMissing) {
  auto weights = weights_of(tiny_network());
  weights.erase(weights.begin() + 1);
  EXPECT_SAYS(refusal_of_import(safetensors(weights, kCaffe)), "conv1_1 lacks its bias");
}

TEST_F(SafetensorsImport, IsRefusedWhenNotFinite) {
  auto weights = weights_of(tiny_network());
  weights[2].second = at::full_like(weights[2].second, NAN);
  EXPECT_SAYS(refusal_of_import(safetensors(weights, kCaffe)), "conv1_2");
}

TEST_F(SafetensorsImport, IsRefusedWhenCutOff) {
  const std::string whole = safetensors(weights_of(tiny_network()), kCaffe);
  EXPECT_SAYS(refusal_of_import(whole.substr(0, whole.size() - 10)), "cut off");
  EXPECT_SAYS(refusal_of_import(whole.substr(0, 100)), "cut off");
  EXPECT_SAYS(refusal_of_import(whole.substr(0, 4)), "holds 4 bytes");
}

TEST_F(SafetensorsImport, IsRefusedWithAWrongShape) {
  auto weights = weights_of(tiny_network());
  weights[0].second = at::ones({8, 4, 3, 3});
  EXPECT_SAYS(refusal_of_import(safetensors(weights, kCaffe)), "conv1_1.weight must have shape");
}

TEST_F(SafetensorsImport, IsRefusedWithBatchNormalization) {
  std::vector<std::pair<std::string, at::Tensor>> weights{
      {"features.0.weight", at::ones({4, 3, 3, 3})}, {"features.1.weight", at::ones({4})}};
  EXPECT_SAYS(refusal_of_import(safetensors(weights, kCaffe)), "batch normalization");
}

TEST_F(SafetensorsImport, IsRefusedWithAMalformedHeader) {
  const std::string header = R"({"conv1_1.weight": 7}    )";
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size());
  EXPECT_SAYS(refusal_of_import(length + header), "malformed");
}

TEST_F(SafetensorsImport, IsRefusedWithAnImpossibleShape) {
  const std::string header =
      R"({"conv1_1.weight":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}})";
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size());
  EXPECT_SAYS(refusal_of_import(length + header), "impossible shape");
}

}  // namespace
}  // namespace styletransfer
