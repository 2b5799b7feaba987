// Delivering mails, as hooks see it.                                                    Behaviour: spec 07 §2.3, 04 §9.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/app/hook.h"
#include "common/mail/message.h"

namespace wombat {

struct MailSendEvent : AsyncHookEvent<MailSendEvent> {
  MailMessage message;
};

// Sends mails the way the settings say; used on a worker's loop, and blocks nothing there. A handler of a mail's event may
// put another client in its place. Lives as long as a Send of it.
class MailClient {
 public:
  virtual ~MailClient() = default;

  // Around each mail of this client. OnMailerSend is fired by its handler "__pbMailerOnSend__" of priority 0.
  AsyncHook<MailSendEvent> on_send;

  // Gone through when the mail was handed over, or a handler kept it. The error: what a handler refused with, or, with status
  // 0, what failed on the way; never a password.
  Task<HookResult> Send(MailMessage message) {
    MailSendEvent event;
    event.message = std::move(message);
    std::function<Task<HookResult>(MailSendEvent&)> deliver = [this](MailSendEvent& e) -> Task<HookResult> {
      co_return co_await Deliver(std::move(e.message));
    };
    std::vector<std::string_view> no_tags;
    co_return co_await on_send.Trigger(event, no_tags, deliver);
  }

 protected:
  virtual Task<HookResult> Deliver(MailMessage message) = 0;
};

}  // namespace wombat
