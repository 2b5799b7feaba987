#include "worker/mail/mailer.h"

#include "common/base/console.h"
#include "common/mail/transport.h"
#include "worker/runtime.h"

namespace wombat {
namespace {

// Mostly waiting for mail servers.
constexpr int kMailThreads = 8;
constexpr std::size_t kMaxWaitingMails = 10'000;

std::string Listed(const std::vector<MailAddress>& addresses) {
  std::string text;
  for (const MailAddress& address : addresses) {
    if (!text.empty()) text += ", ";
    text += address.name.empty() ? address.address : address.name + " <" + address.address + ">";
  }
  return text;
}

void Print(const MailMessage& message) {
  const std::vector<std::pair<std::string_view, std::string>> lines = {{"From", Listed({message.from})},
                                                                       {"To", Listed(message.to)},
                                                                       {"Cc", Listed(message.cc)},
                                                                       {"Bcc", Listed(message.bcc)},
                                                                       {"Subject", message.subject}};
  PrintMail(lines, message.html.empty() ? "Text" : "HTML", message.html.empty() ? message.text : message.html);
}

class WorkerMailClient : public MailClient, public std::enable_shared_from_this<WorkerMailClient> {
 public:
  WorkerMailClient(Runtime& runtime, ThreadPool& pool) : runtime_(runtime), pool_(pool) {
    on_send.Bind({"__pbMailerOnSend__", 0, [this](MailSendEvent& event) { return FireOnMailerSend(event); }, {}});
  }

 protected:
  Task<HookResult> Deliver(MailMessage message) override {
    if (DevelopmentOutput()) Print(message);
    const SmtpOptions options = SmtpOptionsOf(*runtime_.snapshots.settings());
    std::function<Result<void>(PoolThread&)> send = [&](PoolThread&) { return SendMail(options, message); };
    auto sent = co_await pool_.Run<Result<void>>(send);
    if (!sent) co_return Refuse(0, "too many mails wait to be sent");
    if (!*sent) co_return Refuse(0, std::move(sent->error().message));
    co_return HookResult{};
  }

 private:
  Task<HookResult> FireOnMailerSend(MailSendEvent& event) {
    const std::shared_ptr<MailClient> self = shared_from_this();
    MailerEvent mailer_event;
    mailer_event.app = &runtime_.app;
    mailer_event.mailer = self;
    mailer_event.message = std::move(event.message);
    std::function<Task<HookResult>(MailerEvent&)> go_on = [&](MailerEvent& e) -> Task<HookResult> {
      if (e.mailer && e.mailer != self) co_return co_await e.mailer->Send(std::move(e.message));
      event.message = std::move(e.message);
      co_return co_await event.Next();
    };
    std::vector<std::string_view> no_tags;
    co_return co_await runtime_.app.on_mailer_send.Trigger(mailer_event, no_tags, go_on);
  }

  Runtime& runtime_;
  ThreadPool& pool_;
};

}  // namespace

Mailer::Mailer(Runtime& runtime)
    : runtime_(runtime), pool_(runtime.loop, kMailThreads, kMaxWaitingMails, runtime.config.data_dir + "/data.db") {
  runtime.app.new_mail_client = [this] { return NewClient(); };
}

std::shared_ptr<MailClient> Mailer::NewClient() { return std::make_shared<WorkerMailClient>(runtime_, pool_); }

}  // namespace wombat
