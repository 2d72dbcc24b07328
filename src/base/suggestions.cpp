#include "base/suggestions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <string_view>

namespace styletransfer::detail {
namespace {

/// Levenshtein distance.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

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

/// Returns the known names that begin with `name`, shortest first; it may be shortened to two
/// letters.
std::vector<std::string> completions_of(const std::string& name,
                                        const std::vector<std::string>& known) {
  constexpr size_t kMinLetters = 2;
  const size_t first_letter = name.find_first_not_of('-');
  if (first_letter == std::string::npos || name.size() - first_letter < kMinLetters) return {};
  std::vector<std::string> matches;
  for (const std::string& candidate : known) {
    if (candidate.starts_with(name)) matches.push_back(candidate);
  }
  // The shortest is the one that most people mean.
  std::stable_sort(matches.begin(), matches.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return matches;
}

/// Returns the nearest known name by edit distance; empty when none is close.
std::string nearest_to(const std::string& name, const std::vector<std::string>& known) {
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edit_distance(name, a) < edit_distance(name, b);
      });
  if (nearest == known.end()) return "";
  // Between names of two characters one edit is no resemblance: "a7" and "a0".
  const size_t limit = nearest->size() <= 2 ? 0 : std::max<size_t>(1, nearest->size() / 3);
  return edit_distance(name, *nearest) <= limit ? *nearest : "";
}

}  // namespace

std::string did_you_mean(const std::string& given, const std::vector<std::string>& known) {
  constexpr size_t kMaxShown = 3;
  std::string name = given;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string> meant;
  if (const std::string meaning = meaning_of(name, known); !meaning.empty()) {
    meant = {meaning};
  } else {
    meant = completions_of(name, known);
  }
  if (meant.empty() || meant.size() > kMaxShown) {
    const std::string nearest = nearest_to(name, known);
    if (nearest.empty()) return "";
    meant = {nearest};
  }
  std::string text = "; did you mean '" + meant.front() + "'";
  for (size_t i = 1; i < meant.size(); ++i) {
    text += (i + 1 == meant.size() ? " or '" : ", '") + meant[i] + "'";
  }
  return text + "?";
}

std::string joined(const std::vector<std::string>& names, const std::string& separator) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : separator) + name;
  return text;
}

}  // namespace styletransfer::detail
