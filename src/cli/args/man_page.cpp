#include "cli/args/man_page.h"

namespace styletransfer::cli {
namespace {

constexpr const char* kDescription =
    "Neural style transfer: renders a photo in the style of a painting by optimizing the image's "
    "pixels\nagainst VGG\\-19 features of both (Gatys et al., 2016).\nThe long side of the result "
    "is set by\n.BR \\-\\-size ,\nand the file format by the output's extension.\n";

constexpr const char* kEnd = R"(.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
The run failed, for example because memory or disk space ran out.
.TP
.B 2
Invalid usage or input, found before any expensive work.
.TP
.B 130
Interrupted; the best image so far was written.
.SH ENVIRONMENT
.TP
.B STYLETRANSFER_MODEL
The network file, unless
.B \-\-model
is given.
.TP
.B NO_COLOR
If set, messages are not colored.
.SH EXAMPLES
.nf
styletransfer \-\-content photo.jpg \-\-style painting.jpg
styletransfer \-c photo.jpg \-s painting.jpg \-o out.jpg \-\-size 1024
styletransfer \-\-config run.toml \-\-style\-weight 20
.fi
)";

/// Escapes text for roff.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
  }
  // A line must not begin with roff's control characters.
  return safe.starts_with(".") || safe.starts_with("'") ? "\\&" + safe : safe;
}

/// " FILE..."; appended piece by piece to avoid a false -Wrestrict warning of GCC 12.
std::string words_of(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text.append(" ").append(escaped(argument));
  return text;
}

std::string flag_text(const OptionRow& flag) {
  std::string text = ".TP\n\\fB";
  if (!flag.short_flag.empty()) text += escaped(flag.short_flag) + "\\fR, \\fB";
  text += escaped(flag.flag) + "\\fR";
  if (!flag.metavar.empty()) text += " \\fI" + escaped(flag.metavar) + "\\fR";
  return text + "\n" + escaped(flag.described()) + "\n";
}

std::string grouped_flags(const CommandShape& command) {
  std::string text;
  for (const std::vector<OptionRow>& group : groups_of(command)) {
    text += ".SS " + escaped(group.front().group) + "\n";
    for (const OptionRow& flag : group) text += flag_text(flag);
  }
  return text;
}

std::string command_text(const CommandShape& command) {
  std::string text = ".SS styletransfer " + escaped(command.name) + words_of(command.arguments) +
                     "\n" + escaped(command.help) + ".\n";
  for (const OptionRow& flag : command.flags) text += flag_text(flag);
  return text;
}

}  // namespace

std::string man_page(const std::vector<CommandShape>& commands, const std::string& version) {
  std::string text = ".TH STYLETRANSFER 1 \"\" \"styletransfer " + escaped(version) +
                     "\" \"User Commands\"\n.SH NAME\nstyletransfer \\- render a photo in the "
                     "style of a painting\n.SH SYNOPSIS\n.B styletransfer\n\\fB\\-\\-content\\fR "
                     "\\fIIMAGE\\fR \\fB\\-\\-style\\fR \\fIIMAGE\\fR [\\fIflags\\fR]\n";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    text += ".br\n\\fBstyletransfer " + escaped(commands[i].name) + "\\fR [\\fIflags\\fR]" +
            words_of(commands[i].arguments) + "\n";
  }
  text += std::string(".SH DESCRIPTION\n") + kDescription + ".SH OPTIONS\n";
  text += grouped_flags(commands.front()) + ".SH COMMANDS\n";
  for (std::size_t i = 1; i < commands.size(); ++i) text += command_text(commands[i]);
  return text + kEnd;
}

}  // namespace styletransfer::cli
