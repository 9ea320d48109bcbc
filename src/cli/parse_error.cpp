#include "paxbank/cli/parse_error.hpp"

#include "paxbank/scenario/nearest.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>

namespace paxbank::cli {
namespace {

/// The command that was being read: the program's own, or a subcommand.
const CLI::App& parsed_command(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

std::string full_name(const CLI::App& app, const CLI::App& command) {
  return &app == &command ? app.get_name() : app.get_name() + " " + command.get_name();
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// Something was left over: the first of it in the order in which it was typed, options before the
/// values that they may have been meant to have.
std::string left_over(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App& command = parsed_command(app);
  const std::vector<std::string> rest = app.remaining(true);
  const auto is_left = [&](const std::string& argument) {
    return std::find(rest.begin(), rest.end(), argument) != rest.end();
  };
  const auto option = std::find_if(
      arguments.begin(), arguments.end(),
      [&](const std::string& argument) { return is_left(argument) && argument.starts_with('-'); });
  if (option == arguments.end()) {
    const auto word = std::find_if(arguments.begin(), arguments.end(), is_left);
    return "found \"" + (word == arguments.end() ? rest.front() : *word) +
           "\", expected nothing more";
  }
  const std::string name = option->substr(0, option->find('='));
  const auto near = scenario::nearest(name, option_names(command));
  return name + " is no option of " + full_name(app, command) + "; " +
         (near ? "the nearest is: " + *near + " (" : "") + full_name(app, command) +
         " --help lists them all" + (near ? ")" : "");
}

/// An option has no value, or is given twice.
std::string wrong_count(const CLI::App& app, const CLI::ParseError& error) {
  const std::string what = error.what();
  const std::string name = what.substr(0, what.find(':'));
  if (what.find("At Most") != std::string::npos) return name + ": found twice, expected once";
  const CLI::Option* option = parsed_command(app).get_option_no_throw(name);
  const std::string form = option == nullptr ? "a value" : option->get_option_text();
  return name + ": found no value, expected " + form.substr(0, form.find(" ["));
}

}  // namespace

std::string problem_of(const CLI::App& app, const CLI::ParseError& error,
                       const std::vector<std::string>& arguments) {
  std::string what = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return left_over(app, arguments);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return wrong_count(app, error);
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    return what + ": expected one of them";
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    // What has a value is checked before it is converted; a flag has none to check.
    const auto begin = what.find("--");
    return what.substr(begin, what.find(' ', begin) - begin) + ": found a value, expected none";
  }
  return what;
}

scenario::Format format_asked_for(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--format=jsonl") return scenario::Format::jsonl;
    if (arguments[i] == "--format" && i + 1 < arguments.size() && arguments[i + 1] == "jsonl") {
      return scenario::Format::jsonl;
    }
  }
  return scenario::Format::text;
}

std::string misspelt_command(const std::string& word) {
  std::error_code ignored;
  if (std::filesystem::exists(word, ignored)) return "";
  const auto near = scenario::nearest(word, {"sim", "bench", "view", "data"});
  return near ? "\"" + word + "\" is no file and no command; the nearest is: paxbank " + *near : "";
}

}  // namespace paxbank::cli
