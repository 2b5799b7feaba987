#include "supervisor/superuser_command.h"

#include <stdio.h>
#include <unistd.h>

#include <string_view>

#include "common/base/shared_page.h"
#include "common/base/text.h"
#include "supervisor/control_socket.h"
#include "supervisor/directory_lock.h"

namespace wombat {
namespace {

constexpr std::int64_t kPatienceMs = 10'000;
constexpr useconds_t kRetryMicros = 20'000;

bool IsAtomByte(unsigned char c) {
  return c >= 0x80 || isalnum(c) ||
         (c != 0 && std::string_view("!#$%&'*+-/=?^_`{|}~").find(char(c)) != std::string_view::npos);
}

bool IsLabelByte(unsigned char c) { return c >= 0x80 || isalnum(c) || c == '-'; }

template <class Predicate>
bool AreParts(const std::vector<std::string_view>& parts, Predicate allowed) {
  for (std::string_view part : parts) {
    if (part.empty()) return false;
    for (char c : part) {
      if (!allowed(static_cast<unsigned char>(c))) return false;
    }
  }
  return true;
}

// Catches slips of the hand before anything is opened; the record's own validation decides.
bool LooksLikeEmail(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > 254) return false;
  const auto domain = Split(text.substr(at + 1), '.');
  return domain.size() >= 2 && AreParts(Split(text.substr(0, at), '.'), IsAtomByte) && AreParts(domain, IsLabelByte);
}

int Print(int exit_status, std::string output, std::string error) {
  if (!output.empty() && !output.ends_with('\n')) output += '\n';
  ::fwrite(output.data(), 1, output.size(), stdout);
  ::fflush(stdout);
  if (!error.empty()) ::fprintf(stderr, "Error: %s\n", error.c_str());
  return exit_status != 0 || error.empty() ? exit_status : 1;
}

int RunHere(const CommandLine& options, const CommandRunners& runners) {
  WriterConfig config;
  config.data_dir = options.data_dir;
  config.encryption_env = options.encryption_env;
  config.migrations_dir = options.migrations_dir;
  config.hooks_dir = options.hooks_dir;
  config.dev = options.dev;
  config.page = CreateSharedPage();
  if (!config.page) return Print(1, "", "out of memory");
  CommandOutcome outcome = runners.here(config, options.words);
  return Print(outcome.exit_status, std::move(outcome.output), std::move(outcome.error));
}

int RunBeside(const CommandLine& options, const CommandRunners& runners) {
  auto where = FindControlSocket(options.data_dir);
  if (!where) return Print(1, "", where.error().message);
  auto reply = runners.beside(where->path, options.words);
  if (!reply) return Print(1, "", reply.error().message);
  return Print(reply->exit_status, std::move(reply->output), std::move(reply->error));
}

}  // namespace

std::optional<std::string> CheckSuperuserWords(const std::vector<std::string>& words) {
  if (words[1] == "ips") return std::nullopt;      // any number of addresses: the writer checks them
  const bool email_only = words[1] == "delete" || words[1] == "otp";
  if (email_only) {
    if (words.size() < 3 || !LooksLikeEmail(words[2])) return "invalid or missing email address";
    return std::nullopt;
  }
  if (words.size() != 4) return "missing email and password arguments";
  if (!LooksLikeEmail(words[2])) return "missing or invalid email address";
  return std::nullopt;
}

int RunSuperuserCommand(const CommandLine& options, const CommandRunners& runners) {
  if (auto problem = CheckSuperuserWords(options.words)) return Print(1, "", *problem);
  const std::int64_t deadline = MonotonicMs() + kPatienceMs;
  while (true) {
    auto lock = DirectoryLock::Take(options.data_dir);
    if (lock) return RunHere(options, runners);
    if (!lock.error().held) return Print(1, "", lock.error().message);
    // Only a server that takes connections is asked: the holder may be another command, or a server that is just
    // starting.
    if (SomebodyListens(options.data_dir)) return RunBeside(options, runners);
    if (MonotonicMs() >= deadline) return Print(1, "", lock.error().message);
    ::usleep(kRetryMicros);
  }
}

}  // namespace wombat
