#include "cli/options/conflicts.h"

#include <algorithm>
#include <cstdlib>

#include "cli/args/pass_values.h"
#include "cli/options/rows.h"

namespace styletransfer::cli {

double number_of(const Texts& texts, double otherwise) {
  return texts.empty() ? otherwise : std::strtod(texts.front().c_str(), nullptr);
}

std::vector<PassOverrides> listed_passes(const TextsOf& texts_of) {
  std::vector<PassOverrides> passes;
  for (const std::string& text : texts_of("--pass"))
    passes.push_back(set_pass(pass_table(), "--pass", text));
  return passes;
}

bool has_steps(const TextsOf& texts_of) {
  ScheduleOptions schedule;
  schedule.iterations = static_cast<int>(number_of(texts_of("--iterations"), schedule.iterations));
  schedule.pass_list = listed_passes(texts_of);
  return styletransfer::has_steps(schedule);
}

Conflict overridden_by_passes(const std::string& flag) {
  const auto problem = [flag](const Texts& /*own*/, const TextsOf& texts_of) -> std::string {
    const std::string name = flag.substr(2);
    const std::vector<PassOverrides> passes = listed_passes(texts_of);
    const bool is_overridden =
        !passes.empty() && std::all_of(passes.begin(), passes.end(), [&](const auto& pass) {
          return !pass_table().find(flag)->pass_key->get(pass).is_null();
        });
    if (!is_overridden) return "";
    return flag + " has no effect: every --pass sets " + name + "; leave one of them out";
  };
  return {{"--pass"}, problem};
}

Conflict without_steps(const std::string& flag) {
  const auto problem = [flag](const Texts& /*own*/, const TextsOf& texts_of) -> std::string {
    if (has_steps(texts_of)) return "";
    return flag +
           " has no effect with zero iterations; leave it out or give --iterations 1 or more";
  };
  return {{"--iterations", "--pass"}, problem};
}

}  // namespace styletransfer::cli
