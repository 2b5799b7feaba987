#include "writer/jobs/installer.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "common/auth/jwt.h"
#include "common/auth/password.h"
#include "common/base/random.h"
#include "common/base/text.h"
#include "common/base/time.h"
#include "writer/mutations/record_chain.h"
#include "writer/mutations/record_dependents.h"

extern char** environ;

namespace wombat {
namespace {

constexpr std::chrono::minutes kValid{30};

Result<bool> HasSuperuser(LaneTransaction& tx) {
  auto statement = tx.db().Prepare("SELECT 1 FROM `_superusers` WHERE `email` != ? LIMIT 1");
  if (!statement) return std::unexpected(statement.error());
  statement->BindView(1, kInstallerEmail);
  return statement->Step();
}

ApiResult<Record> FindOrCreate(LaneTransaction& tx, const CollectionPtr& superusers) {
  auto statement = tx.db().Prepare("SELECT " + superusers->select_columns + " FROM `_superusers` WHERE `email` = ?");
  if (!statement) return std::unexpected(WriteFailure(statement.error(), {}));
  statement->BindView(1, kInstallerEmail);
  auto row = statement->Step();
  if (!row) return std::unexpected(WriteFailure(row.error(), {}));
  if (*row) return Record::FromRow(superusers, *statement);
  Record record(superusers);
  record.Set("email", Json(kInstallerEmail));
  record.SetPlainPassword(superusers->password_field, RandomText(30));
  record.SetRaw(superusers->password_field, UnusablePasswordHash());
  if (auto saved = SaveRecord(tx, record, {.validate = true}); !saved) return std::unexpected(saved.error());
  return record;
}

std::string IssueToken(const Record& record) {
  const Collection& collection = record.collection();
  const auto expires = std::chrono::duration_cast<std::chrono::seconds>((Now() + kValid).time_since_epoch()).count();
  const Json claims = Json::Object({{"id", Json(record.id())},
                                    {"type", "auth"},
                                    {"collectionId", collection.id},
                                    {"refreshable", false},
                                    {"exp", Json(std::int64_t(expires))}});
  return SignToken(claims, std::string(record.Text("tokenKey")) + collection.auth.auth_token.secret);
}

std::string ProgramPath() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, std::size_t(length)) : "wombat";
}

// Without a desktop there is nothing that could show it, and what xdg-open falls back to would take over the terminal.
// A shell in between, so that whatever is opened is nobody's child here.
void OpenOnDesktop(const std::string& url) {
  if (!std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY")) return;
  const char* words[] = {"sh", "-c", "xdg-open \"$0\" </dev/null >/dev/null 2>&1 &", url.c_str(), nullptr};
  posix_spawnattr_t attributes;
  sigset_t none;
  ::sigemptyset(&none);              // this process blocks the signals that would end it
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, "/bin/sh", nullptr, &attributes, const_cast<char**>(words), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (!failed) ::waitpid(child, nullptr, 0);
}

}  // namespace

std::string InstallerText(std::string_view url, std::string_view program) {
  return "\n(!) Launch the URL below in the browser if it hasn't been open already to create your first superuser account:\n" +
         std::string(url) + "\n(you can also create your first superuser by running: " + std::string(program) +
         " superuser upsert EMAIL PASS)\n\n";
}

void OfferInstaller(CommitLane& lane, std::string base_url) {
  auto token = std::make_shared<std::string>();
  std::vector<CommitLane::Job> jobs;
  jobs.push_back(CommitLane::Internal{
      [token](LaneTransaction& tx) -> ApiResult<void> {
        CollectionPtr superusers = tx.schema().FindShared("_superusers");
        if (!superusers) return {};
        auto has_one = HasSuperuser(tx);
        if (!has_one) return std::unexpected(WriteFailure(has_one.error(), {}));
        if (*has_one) return {};
        auto record = FindOrCreate(tx, superusers);
        if (!record) return std::unexpected(record.error());
        *token = IssueToken(*record);
        return {};
      },
      [token, base_url = std::move(base_url)](ApiResult<void> done) {
        if (!done)
          std::fprintf(stderr, "Failed to initialize the installer: %s\n",
                       (done.error().log_details.empty() ? done.error().message : done.error().log_details).c_str());
        if (!done || token->empty()) return;
        const std::string url = base_url + "/_/#/pbinstall/" + *token;
        const std::string text = InstallerText(url, ProgramPath());
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
        OpenOnDesktop(url);
      }});
  lane.Push(std::move(jobs));
}

}  // namespace wombat
