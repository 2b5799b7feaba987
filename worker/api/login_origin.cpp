#include "worker/api/login_origin.h"

#include <openssl/evp.h>
#include <uv.h>

#include <chrono>
#include <functional>

#include "common/base/time.h"
#include "common/records/validate.h"
#include "worker/api/mutate.h"
#include "worker/background.h"
#include "worker/mail/record_mails.h"
#include "worker/read.h"
#include "worker/realtime/signal.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxUserAgent = 200;
constexpr std::size_t kMaxOrigins = 5;
constexpr std::chrono::milliseconds kMaxMailTime{15'000};

std::string UserAgent(const RequestContext& context) {
  std::string agent(context.http.Header("User-Agent"));
  if (agent.size() > kMaxUserAgent) agent = agent.substr(0, kMaxUserAgent) + "...";
  return agent;
}

std::string Fingerprint(const RequestContext& context) {
  std::string subject = std::string(context.user_ip) + UserAgent(context);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  // Not a secret: the data directory's format asks for MD5 (06 §10.7).
  if (!EVP_Digest(subject.data(), subject.size(), digest, &length, EVP_md5(), nullptr)) return {};
  std::string hex;
  for (unsigned i = 0; i < length; i++) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

using Rows = std::vector<std::shared_ptr<Record>>;

Task<Result<Rows>> KnownOrigins(RequestContext& context, CollectionPtr origins, std::shared_ptr<Record> record) {
  std::function<Result<Rows>(Connection&)> read = [&](Connection& reader) -> Result<Rows> {
    auto statement =
        reader.Prepare("SELECT " + origins->select_columns +
                       " FROM `_authOrigins` WHERE `collectionRef` = ? AND `recordRef` = ? ORDER BY `created` DESC");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, record->collection().id);
    statement->BindView(2, record->id());
    Rows rows;
    for (;;) {
      auto row = statement->Step();
      if (!row) return std::unexpected(row.error());
      if (!*row) return rows;
      rows.push_back(std::make_shared<Record>(Record::FromRow(origins, *statement)));
      rows.back()->TakeAsOriginal();
      rows.back()->MarkSaved();
    }
  };
  co_return co_await Read<Rows>(context.runtime, read);
}

// Calls `then` once, unless it is gone before.
class Timer {
 public:
  Timer(uv_loop_t* loop, std::chrono::milliseconds duration, std::function<void()> then)
      : timer_(new uv_timer_t), then_(std::move(then)) {
    uv_timer_init(loop, timer_);
    timer_->data = this;
    uv_timer_start(timer_, &Timer::Ended, std::uint64_t(duration.count()), 0);
  }
  ~Timer() {
    uv_close(reinterpret_cast<uv_handle_t*>(timer_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  static void Ended(uv_timer_t* timer) {
    const auto then = std::move(static_cast<Timer*>(timer->data)->then_);  // the timer may be gone behind it
    then();
  }

  uv_timer_t* timer_;  // lives until the loop has closed it
  std::function<void()> then_;
};

// A mail that is waited for, though not for ever.
struct Alert {
  std::shared_ptr<Record> record;
  std::string info;
  Signal ended;
  HookResult result = Refuse(0, "the mail took too long");
};

Task<void> Send(RequestContext& context, std::shared_ptr<Alert> alert) {
  alert->result = co_await SendAuthAlertMail(context, alert->record, alert->info);
  alert->ended.Set();
}

Task<HookResult> SendAlert(RequestContext& context, std::shared_ptr<Record> record) {
  auto alert = std::make_shared<Alert>();
  alert->record = record;
  alert->info = NowText() + " - " + std::string(context.user_ip) + " " + UserAgent(context);
  std::function<Task<void>(RequestContext&)> send = [alert](RequestContext& own) { return Send(own, alert); };
  RunInBackground(context, std::move(send));
  std::function<void()> give_up = [alert] { alert->ended.Set(); };
  const Timer timer(context.runtime.loop, kMaxMailTime, std::move(give_up));
  co_await alert->ended.Wait();
  co_return alert->result;
}

void LogUnlessWritten(const RequestContext& context, const Written& written) {
  if (written.kind == Written::Kind::kRefused)
    LogFailure(context, kLogWarning, "Failed to store the origin of a login", written.error);
}

Task<void> StoreNew(RequestContext& context, CollectionPtr origins, std::shared_ptr<Record> record,
                    std::string fingerprint) {
  Record origin(origins);
  origin.Set("collectionRef", record->collection().id);
  origin.Set("recordRef", Json(record->id()));
  origin.Set("fingerprint", fingerprint);
  AutogenerateValues(origin);
  Written written = co_await SendCreate(context, origin, kTrusted);
  LogUnlessWritten(context, written);
}

}  // namespace

Task<void> RememberLoginOrigin(RequestContext& context, std::shared_ptr<Record> record) {
  CollectionPtr origins = context.schema->FindShared("_authOrigins");
  std::string fingerprint = Fingerprint(context);
  if (!origins || fingerprint.empty()) co_return;
  auto known = co_await KnownOrigins(context, origins, record);
  if (!known) {
    LogFailure(context, kLogWarning, "Failed to read the origins of logins", {0, known.error().message, {}, {}});
    co_return;
  }
  for (const auto& origin : *known) {
    if (origin->Text("fingerprint") != fingerprint) continue;
    Written touched = co_await SendUpdate(context, *origin, *origin, kTrusted, false);
    LogUnlessWritten(context, touched);
    co_return;
  }
  if (!known->empty() && !record->Text("email").empty()) {
    auto sent = co_await SendAlert(context, record);
    if (!sent) {  // the next login from there tries again
      LogFailure(context, kLogWarning, "Failed to send login alert", sent.error());
      co_return;
    }
  }
  for (std::size_t i = kMaxOrigins - 1; i < known->size(); i++) {
    Written removed = co_await SendDelete(context, origins, (*known)[i]->id(), std::nullopt);
    LogUnlessWritten(context, removed);
  }
  co_await StoreNew(context, origins, record, fingerprint);
}

}  // namespace wombat
