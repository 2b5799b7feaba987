#include "supervisor/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "common/base/shared_page.h"
#include "supervisor/help.h"
#include "supervisor/version.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFlagsWithValue = {"--dir",       "--encryptionEnv", "--queryTimeout", "--hooksDir",
                                        "--hooksPool", "--migrationsDir", "--publicDir",    "--http",
                                        "--https",     "--origins",       "--workers"};
constexpr std::array kSuperuserCommands = {"upsert", "create", "update", "delete", "otp", "ips"};

template <class Names>
bool Contains(const Names& names, std::string_view word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

// Takes the next word that is neither a flag nor a flag's value out of `arguments`, as the name of a command. CLI11's
// own subcommands cannot be used: to them a password "superuser" would be a command, too.
std::string TakeCommandWord(std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); i++) {
    const std::string& argument = arguments[i];
    if (argument == "--") break;
    if (Contains(kFlagsWithValue, argument)) {
      i++;
    } else if (argument.empty() || argument[0] != '-') {
      std::string word = argument;
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
      return word;
    }
  }
  return {};
}

// Paths derive from argv[0] as typed, not from the resolved executable (spec 05 §8.1).
fs::path ProgramFolder(const std::string& program) {
  fs::path folder = fs::path(program).parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

void AddSharedFlags(CLI::App& parser, CommandLine& out) {
  const auto last = CLI::MultiOptionPolicy::TakeLast;
  parser.add_option("--dir", out.data_dir)->multi_option_policy(last);
  parser.add_option("--encryptionEnv", out.encryption_env)->multi_option_policy(last);
  parser.add_flag("--dev", out.dev);
  parser.add_option("--queryTimeout", out.query_timeout)->multi_option_policy(last);
  parser.add_option("--hooksDir", out.hooks_dir)->multi_option_policy(last);
  parser.add_flag("--hooksWatch", out.hooks_watch);
  parser.add_option("--hooksPool", out.hooks_pool)->multi_option_policy(last);
  parser.add_option("--migrationsDir", out.migrations_dir)->multi_option_policy(last);
  parser.add_flag("--automigrate", out.automigrate);
  parser.add_option("--publicDir", out.public_dir)->multi_option_policy(last);
  parser.add_flag("--indexFallback", out.index_fallback);
}

void AddServeFlags(CLI::App& parser, CommandLine& out, std::vector<std::string>& origins) {
  const auto last = CLI::MultiOptionPolicy::TakeLast;
  parser.add_option("--http", out.http)->multi_option_policy(last);
  parser.add_option("--https", out.https)->multi_option_policy(last);
  parser.add_option("--origins", origins)->delimiter(',')->allow_extra_args(false);
  parser.add_option("--workers", out.workers)
      ->multi_option_policy(last)
      ->check(CLI::Range(1, kMaxWorkers).description(""));
}

void FillDefaults(CommandLine& out) {
  const fs::path folder = ProgramFolder(out.program);
  if (out.data_dir.empty()) out.data_dir = (folder / "pb_data").lexically_normal().string();
  const fs::path beside = fs::path(out.data_dir) / "..";
  if (out.hooks_dir.empty()) out.hooks_dir = (beside / "pb_hooks").lexically_normal().string();
  if (out.migrations_dir.empty()) out.migrations_dir = (beside / "pb_migrations").lexically_normal().string();
  if (out.public_dir.empty()) out.public_dir = (folder / "pb_public").lexically_normal().string();
  if (out.query_timeout <= 0) out.query_timeout = 30;
  if (out.http.empty()) out.http = out.domains.empty() ? "127.0.0.1:8090" : "0.0.0.0:80";
  if (out.https.empty() && !out.domains.empty()) out.https = "0.0.0.0:443";
}

// What the command words and the help and version flags ask for. Error: as ParseCommandLine.
std::expected<void, std::string> Decide(CommandLine& out, const std::string& command, const std::string& subcommand,
                                        bool help, bool version, const std::vector<std::string>& positional) {
  const std::string name = fs::path(out.program).filename().string();
  out.command = CommandLine::Command::kPrint;
  if (version) {
    out.text = name + " version " + std::string(kVersion) + "\n";
  } else if (command.empty()) {
    out.text = RootHelp(name);
  } else if (help || (command == "superuser" && subcommand.empty())) {
    out.text = command == "serve" ? ServeHelp(name) : SuperuserHelp(name);
  } else if (command == "serve") {
    out.command = CommandLine::Command::kServe;
  } else if (Contains(kSuperuserCommands, subcommand)) {
    out.command = CommandLine::Command::kSuperuser;
    out.words = {command, subcommand};
    out.words.insert(out.words.end(), positional.begin(), positional.end());
  } else {
    return std::unexpected("unknown command \"" + subcommand + "\" for \"" + name + " superuser\"\nRun '" + name +
                           " superuser --help' for usage.");
  }
  return {};
}

}  // namespace

std::expected<CommandLine, std::string> ParseCommandLine(int argc, const char* const* argv) {
  CommandLine out;
  out.program = argc > 0 ? argv[0] : "wombat";
  const std::string name = fs::path(out.program).filename().string();
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);

  const std::string command = TakeCommandWord(arguments);
  if (!command.empty() && command != "serve" && command != "superuser") {
    return std::unexpected("unknown command \"" + command + "\" for \"" + name + "\"\nRun '" + name +
                           " --help' for usage.");
  }
  const std::string subcommand = command == "superuser" ? TakeCommandWord(arguments) : std::string();

  std::vector<std::string> positional, origins;
  bool help = false, version = false;
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras();
  parser.add_flag("-h,--help", help);
  if (command.empty()) parser.add_flag("-v,--version", version);
  AddSharedFlags(parser, out);
  if (command == "serve") AddServeFlags(parser, out, origins);
  parser.add_option("arguments", positional);
  try {
    std::reverse(arguments.begin(), arguments.end());
    parser.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(std::string(error.what()));
  }

  // Only the root takes flags it does not know. (CLI11 also leaves the "--" that ends the flags.)
  for (const std::string& left : parser.remaining()) {
    if (!command.empty() && left != "--") return std::unexpected("unknown flag: " + left);
  }
  if (!origins.empty()) out.origins = std::move(origins);
  if (command == "serve") out.domains = positional;
  FillDefaults(out);
  if (auto decided = Decide(out, command, subcommand, help, version, positional); !decided) {
    return std::unexpected(decided.error());
  }
  return out;
}

}  // namespace wombat
