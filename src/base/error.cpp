#include "styletransfer/error.h"

#include <utility>

namespace styletransfer {
namespace {

Message bound_message(const std::string& field, const std::string& value, const Message& bound,
                      const Message& hint) {
  return option(field, value.empty() ? "''" : value) + ": " + bound +
         (hint.empty() ? Message() : "; " + hint);
}

Message size_message(const SizeError::Facts& facts) {
  const auto size = [](int px) { return option("size", std::to_string(px)); };
  const Message way_out = facts.fitting_px > 0
                              ? size(facts.fitting_px) + " would fit (or " + facts.remedy + ")"
                              : "no size would fit: " + facts.remedy;
  return size(facts.asked_px) + " " + facts.reason + "; " + way_out;
}

}  // namespace

OptionError::OptionError(const std::string& field, const std::string& value, const Message& bound,
                         const Message& hint)
    : UsageError(bound_message(field, value, bound, hint)),
      fields_{field},
      value_(value),
      bound_(bound.text()),
      hint_(hint) {}

OptionError::OptionError(std::vector<std::string> fields, const Message& problem)
    : UsageError(problem), fields_(std::move(fields)) {}

SizeError::SizeError(const Facts& facts)
    : UsageError(size_message(facts)), facts_(std::make_shared<const Facts>(facts)) {}

}  // namespace styletransfer
