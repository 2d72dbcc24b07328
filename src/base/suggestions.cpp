#include "base/suggestions.h"

#include <algorithm>
#include <cctype>
#include <numeric>

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

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string did_you_mean(const std::string& given, const std::vector<std::string>& known,
                         const std::string& meaning) {
  constexpr size_t kMaxShown = 3;
  const std::string name = lower_case(given);
  std::vector<std::string> meant;
  if (meaning.empty()) {
    meant = completions_of(name, known);
  } else {
    meant = {meaning};
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
