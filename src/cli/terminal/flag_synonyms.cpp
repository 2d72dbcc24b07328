#include "cli/terminal/flag_synonyms.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/suggestions.h"

namespace styletransfer::cli {
namespace {

/// A word of other programs, and this program's word for it.
struct Synonym {
  std::string_view word;
  std::string_view meaning;
};

/// A word with several meanings has several rows; the first one that is known applies.
constexpr std::array kSynonyms{
    // Flags.
    Synonym{"--out", "--output"},
    Synonym{"--output-image", "--output"},
    Synonym{"--output-dir", "--output"},
    Synonym{"--steps", "--iterations"},
    Synonym{"--num-iterations", "--iterations"},
    Synonym{"--max-iter", "--iterations"},
    Synonym{"--epochs", "--iterations"},
    Synonym{"--width", "--size"},
    Synonym{"--height", "--size"},
    Synonym{"--resolution", "--size"},
    Synonym{"--image-size", "--size"},
    Synonym{"--lr", "--learning-rate"},
    Synonym{"--style-image", "--style"},
    Synonym{"--style-image", "--styles"},
    Synonym{"--content-image", "--content"},
    Synonym{"--content-image", "--contents"},
    Synonym{"--input", "--content"},
    Synonym{"--gpu", "--device cuda"},
    Synonym{"--cuda", "--device cuda"},
    Synonym{"--cpu", "--device cpu"},
    Synonym{"--colour", "--colors"},
    Synonym{"--colours", "--colors"},
    Synonym{"--color", "--colors"},
    Synonym{"--original-colors", "--colors content"},
    Synonym{"--preserve-color", "--colors content"},
    Synonym{"--weights", "--model"},
    Synonym{"--vgg", "--model"},
    Synonym{"--network", "--init network:FILE"},
    Synonym{"--force", "--overwrite"},
    Synonym{"--dpi", "--print"},
    Synonym{"--memory", "--memory-limit"},
    Synonym{"--mask", "--content-mask"},
    // Values.
    Synonym{"gpu", "cuda"},
    Synonym{"nvidia", "cuda"},
    Synonym{"metal", "mps"},
    Synonym{"mean", "average"},
    Synonym{"avg", "average"},
    Synonym{"sgd", "adam"},
    Synonym{"l-bfgs", "lbfgs"},
    Synonym{"random", "noise"},
    Synonym{"photo", "content"},
    Synonym{"original", "content"},
    Synonym{"painting", "style"},
    Synonym{"grayscale", "neutral"},
    Synonym{"gray", "neutral"},
    Synonym{"float16", "bfloat16"},
    Synonym{"fp16", "bfloat16"},
    Synonym{"half", "bfloat16"},
    Synonym{"bf16", "bfloat16"},
    Synonym{"fp32", "float32"},
    Synonym{"jpeg", "jpg"},
    Synonym{"tiff", "tif"},
};

bool contains(const std::vector<std::string>& known, std::string_view name) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

/// Returns the meaning of a word of other programs; empty when there is none among the known names.
std::string meaning_of(const std::string& name, const std::vector<std::string>& known) {
  for (const Synonym& synonym : kSynonyms) {
    // "--device cuda" is a meaning where --device is known.
    const std::string_view target = synonym.meaning.substr(0, synonym.meaning.find(' '));
    if (synonym.word == name && contains(known, target)) return std::string(synonym.meaning);
  }
  return "";
}

}  // namespace

std::string did_you_mean(const std::string& given, const std::vector<std::string>& known) {
  return detail::did_you_mean(given, known, meaning_of(detail::lower_case(given), known));
}

}  // namespace styletransfer::cli
