#include "cli/args/command_shape.h"

#include <regex>

#include "cli/args/values.h"

namespace styletransfer::cli {
namespace {

void add_shapes(const CLI::App& app, const std::string& name, std::vector<CommandShape>& commands) {
  CommandShape shape;
  shape.name = name;
  shape.help = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) {
      shape.arguments.push_back(option->get_name(/*positional=*/true));
      continue;
    }
    const auto& shorts = option->get_snames();
    // An optional value is not completed: the next word may be a flag.
    const bool has_value = option->get_items_expected_min() > 0;
    shape.flags.push_back(
        {"--" + option->get_lnames().front(), shorts.empty() ? "" : "-" + shorts.front(),
         has_value ? option->get_type_name() : "", option->get_description(), option->get_group()});
  }
  commands.push_back(std::move(shape));
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (sub->get_group().empty()) continue;
    add_shapes(*sub, name.empty() ? sub->get_name() : name + " " + sub->get_name(), commands);
  }
}

}  // namespace

std::vector<CommandShape> command_shapes(const CLI::App& app) {
  std::vector<CommandShape> commands;
  add_shapes(app, "", commands);
  return commands;
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
  return {"jpg", "jpeg", "png", "tif", "tiff", "webp", "gif", "bmp", "heic", "heif", "avif"};
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
