#include "supervisor/help.h"

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::string_view kSharedFlags = R"(
Flags for every command:
      --dir PATH              data directory (default: pb_data beside the program)
      --encryptionEnv NAME    environment variable that holds the 32 characters which encrypt the settings
      --dev                   print logs and statements to the console
      --queryTimeout SECONDS  how long a read may run (default 30)
      --hooksDir PATH         JavaScript hooks (default: pb_hooks beside the data directory)
      --hooksWatch            start again when a hook file changes (default true)
      --hooksPool N           JavaScript runtimes kept ready (default 15)
      --migrationsDir PATH    migrations of the application (default: pb_migrations beside the data directory)
      --automigrate           write a migration for each collection change (default true)
      --publicDir PATH        static files (default: pb_public beside the program)
      --indexFallback         answer a missing static file with index.html (default true)
  -h, --help                  this text
  -v, --version               the version
)";

constexpr std::string_view kRoot = R"({program}: a backend in one program

Usage:
  {program} COMMAND [flags]

Commands:
  serve      Start the server (127.0.0.1:8090 unless told otherwise)
  superuser  Manage the superusers of a data directory, beside a running server or without one
)";

constexpr std::string_view kServe = R"(Start the server.

Usage:
  {program} serve [DOMAIN...] [flags]

Flags:
      --http ADDRESS          host:port to listen on (default 127.0.0.1:8090)
      --https ADDRESS         host:port for TLS (not supported yet)
      --origins LIST          origins that browsers may call from, separated by commas (default *)
      --workers N             worker processes (default: one per core)
)";

constexpr std::string_view kSuperuser = R"(Manage superusers.

Usage:
  {program} superuser COMMAND [flags]

Commands:
  upsert EMAIL PASS  Create a superuser, or set the password of an existing one
  create EMAIL PASS  Create a superuser
  update EMAIL PASS  Set the password of a superuser
  delete EMAIL       Delete a superuser
  otp EMAIL          Make a one-time password for a superuser
  ips [ADDRESS...]   Only from these addresses or ranges may superusers ask; without any: from everywhere
)";

std::string Fill(std::string_view text, std::string_view program_name) {
  return ReplaceAll(std::string(text) + std::string(kSharedFlags), "{program}", program_name);
}

}  // namespace

std::string RootHelp(std::string_view program_name) { return Fill(kRoot, program_name); }
std::string ServeHelp(std::string_view program_name) { return Fill(kServe, program_name); }
std::string SuperuserHelp(std::string_view program_name) { return Fill(kSuperuser, program_name); }

}  // namespace wombat
