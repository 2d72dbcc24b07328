// Options in CLI11, which collects their texts and lays out --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/args/option_table.h"
#include "cli/args/settings.h"

namespace styletransfer::cli {

/// Prepares the program's parser; its subcommands, added later, take over what is set here.
void set_up_parser(CLI::App& program);

/// Adds the table's options and arguments. Nothing is set while parsing.
void add_options(CLI::App& command, const OptionTable& table);

/// The texts that were given for the table's options. Throws UsageError for an option that is given
/// twice but not repeatable, and for a value that is missing, empty or another flag.
[[nodiscard]] Settings given_settings(const CLI::App& command, const OptionTable& table);

/// Sets the fields of the positional arguments.
void set_arguments(const CLI::App& command, const OptionTable& table);

/// --help of a command: wrapped lines in aligned columns, one empty line between groups.
[[nodiscard]] std::string full_help(const CLI::App& command);

}  // namespace styletransfer::cli
