#include "feedforward/network_facts.h"

#include <memory>

#include "feedforward/network_file.h"
#include "serialization/sandboxed_thread.h"

namespace styletransfer::detail {
namespace {

FeedForwardFacts facts_of(const FeedForwardFile& file) {
  constexpr int kConvolutionAxes = 4;
  FeedForwardFacts facts;
  facts.kind = file.kind;
  facts.style = text_attribute(file.module, "style");
  facts.training = text_attribute(file.module, "training_facts");
  facts.clues = file.clues;
  for (const auto& parameter : file.module.named_parameters(/*recurse=*/true)) {
    facts.parameters += parameter.value.numel();
    if (parameter.value.dim() != kConvolutionAxes) continue;
    const std::string name = parameter.name.substr(0, parameter.name.rfind('.'));
    facts.convolutions.push_back({printable(name), parameter.value.sizes().vec()});
  }
  return facts;
}

}  // namespace

FeedForwardFacts read_feed_forward_facts(const std::string& path, NetworkTrust trust) {
  const auto archive = std::make_shared<const TorchScriptArchive>(open_network_file(path, trust));
  const auto facts = std::make_shared<FeedForwardFacts>();
  const auto read = [path, trust, archive, facts] {
    *facts = facts_of(load_network_file(path, *archive, trust, at::kCPU));
  };
  if (trust == NetworkTrust::kTrusted) {
    read();
  } else {
    SandboxedThread thread{Sandbox()};
    thread.run(read, [] {});
  }
  return *facts;
}

}  // namespace styletransfer::detail
