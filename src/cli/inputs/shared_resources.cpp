#include "cli/inputs/shared_resources.h"

#include <optional>
#include <utility>

#include "cli/inputs/job_files.h"
#include "cli/terminal/device_lines.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/resource_lines.h"
#include "engine/memory_budget.h"
#include "styletransfer/error.h"
#include "styletransfer/feed_forward_network.h"
#include "styletransfer/model.h"
#include "styletransfer/runtime.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {

struct SharedResources::State {
  std::optional<Network> network;
  std::optional<Runtime> runtime;
  bool device_is_reported = false;
  bool trust_is_reported = false;
  std::optional<TransferSession> session;
  std::once_flag prepared;
  std::unique_ptr<FeedForwardNetwork> feed_forward_network;
  std::mutex feed_forward_mutex;
  InputFiles files;
  StyleImages style_images;
};

SharedResources::SharedResources(const JobOptions& options)
    : options_(options), state_(std::make_unique<State>()) {}

SharedResources::~SharedResources() = default;

bool SharedResources::has_device() const { return state_->runtime.has_value(); }

bool SharedResources::is_open() const { return state_->session.has_value(); }

const Network& SharedResources::network() const { return *state_->network; }

const std::string& SharedResources::network_source() const { return state_->network->source; }

const Runtime& SharedResources::runtime() const { return *state_->runtime; }

std::mutex& SharedResources::feed_forward_mutex() { return state_->feed_forward_mutex; }

InputFiles& SharedResources::files() { return state_->files; }

StyleImages& SharedResources::style_images() { return state_->style_images; }

MachineReport SharedResources::machine() const {
  return has_device() ? machine_report(runtime()) : MachineReport();
}

std::int64_t SharedResources::memory_left(const Job& job) {
  return detail::memory_left(job, choose_device());
}

void SharedResources::open() {
  if (is_open()) return;
  warn_of_trust();
  state_->network = open_network(options_);
  // The hash is stored with every result; compute it while a core is idle during opening.
  state_->files.start_hashing(state_->network->path);
  state_->session.emplace(*state_->network, choose_device());
  report_device();
}

TransferSession& SharedResources::session() {
  std::call_once(state_->prepared, [this] {
    state_->session->prepare(options_.job.loss);
    // All jobs of a command use this loss, so the weights are not prepared again.
    for (Layer& layer : state_->network->layers) layer.weight = layer.bias = at::Tensor();
  });
  return *state_->session;
}

const Runtime& SharedResources::choose_device() {
  if (!state_->runtime) state_->runtime = resolve_runtime(options_.runtime);
  return *state_->runtime;
}

void SharedResources::report_device() {
  if (state_->device_is_reported) return;
  cli::report_device(*state_->runtime);
  report_resources(*state_->runtime, options_.job.memory_limit_bytes);
  state_->device_is_reported = true;
}

void SharedResources::warn_of_trust() {
  if (options_.trusts_networks && !state_->trust_is_reported) {
    log_warning("--trust: the code in network files is not checked and runs with your permissions");
  }
  state_->trust_is_reported = true;
}

const FeedForwardNetwork& SharedResources::feed_forward(const FeedForwardOptions& feed_forward) {
  if (state_->feed_forward_network) return *state_->feed_forward_network;
  warn_of_trust();
  NetworkGuard guard;
  guard.trust = trust_of(options_);
  guard.memory_bytes = memory_left(options_.job);
  guard.poll = end_if_interrupted;
  try {
    state_->feed_forward_network =
        std::make_unique<FeedForwardNetwork>(feed_forward.network_path, feed_forward.convention(),
                                             choose_device(), feed_forward.in_bfloat16, guard);
  } catch (const UsageError& error) {
    throw UsageError(feed_forward.flag + ": " + error.message());
  }
  log_detail("network " + feed_forward.network_path +
             (state_->feed_forward_network->kind().empty()
                  ? ""
                  : " (" + state_->feed_forward_network->kind() + ")"));
  log_detail("network protection: " + state_->feed_forward_network->protection());
  return *state_->feed_forward_network;
}

void SharedResources::check_unused_network() const {
  if (!options_.model_path.empty()) check_network_file(options_.model_path, trust_of(options_));
}

const std::string& SharedResources::network_hash() {
  if (state_->network) return state_->files.hash_of(state_->network->path);
  const std::string path = find_network(options_.model_path);
  check_network_file(path, trust_of(options_));
  return state_->files.hash_of(path);
}

}  // namespace styletransfer::cli
