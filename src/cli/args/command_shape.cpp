#include "cli/args/command_shape.h"

#include <algorithm>
#include <regex>

#include "cli/args/values.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {

CommandShape command_shape(const std::string& name, const std::string& help,
                           const OptionTable& table) {
  CommandShape shape{name, help, {}, table.rows()};
  for (const OptionTable::Argument& argument : table.positional()) {
    shape.arguments.push_back(argument.name);
  }
  // An optional value is not completed: the next word may be a flag.
  for (OptionRow& row : shape.flags) {
    if (row.form == OptionForm::kOptional) row.metavar.clear();
  }
  return shape;
}

std::vector<std::vector<OptionRow>> groups_of(const CommandShape& command) {
  std::vector<std::vector<OptionRow>> groups;
  for (const OptionRow& flag : command.flags) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& known) {
      return known.front().group == flag.group;
    });
    if (group == groups.end()) {
      groups.push_back({flag});
    } else {
      group->push_back(flag);
    }
  }
  return groups;
}

std::vector<std::string> choices_of(const std::string& metavar) {
  static const std::regex kWord("[a-z0-9][a-z0-9_-]*");
  std::vector<std::string> choices;
  for (const std::string& part : parts_of(metavar, '|')) {
    if (std::regex_match(part, kWord)) choices.push_back(part);
  }
  return choices;
}

PathKind path_kind(const std::string& metavar) {
  const auto has = [&](const char* word) { return metavar.find(word) != std::string::npos; };
  if (metavar == "FOLDER") return PathKind::kFolder;
  if (has("IMAGE")) return PathKind::kImage;
  if (has("FILE.pt")) return PathKind::kNetwork;
  return has("FILE") || has("FOLDER") || has("WEIGHTS") ? PathKind::kAnyFile : PathKind::kNone;
}

bool may_be_path(const std::string& metavar) { return path_kind(metavar) != PathKind::kNone; }

std::string network_prefix(const std::string& metavar) {
  static const std::regex kPrefix("([a-z]+:)FILE.*");
  for (const std::string& part : parts_of(metavar, '|')) {
    if (std::smatch found; std::regex_match(part, found, kPrefix)) return found[1];
  }
  return "";
}

std::vector<std::string> extensions_of(PathKind kind) {
  if (kind == PathKind::kNetwork) return {"pt"};
  if (kind != PathKind::kImage) return {};
  return readable_extensions();
}

std::vector<std::string> subcommands_of(const std::vector<CommandShape>& commands,
                                        const std::string& parent) {
  const std::string start = parent.empty() ? "" : parent + " ";
  std::vector<std::string> names;
  for (const CommandShape& command : commands) {
    if (command.name.empty() || !command.name.starts_with(start)) continue;
    const std::string rest = command.name.substr(start.size());
    if (!rest.empty() && rest.find(' ') == std::string::npos) names.push_back(rest);
  }
  return names;
}

}  // namespace styletransfer::cli
