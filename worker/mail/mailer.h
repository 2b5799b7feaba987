// How this worker sends mails: around the sending the hooks, the conversation with a mail server on threads of its own.
//                                                                                        Behaviour: spec 04 §9.3, 07 §2.3.
#pragma once

#include <memory>

#include "common/app/mail.h"
#include "worker/thread_pool.h"

namespace wombat {

struct Runtime;

class Mailer {
 public:
  // Gives the application its new_mail_client.
  explicit Mailer(Runtime& runtime);

  // Sends as the settings say when it sends. With --dev it prints each mail first.
  std::shared_ptr<MailClient> NewClient();

 private:
  Runtime& runtime_;
  ThreadPool pool_;
};

}  // namespace wombat
