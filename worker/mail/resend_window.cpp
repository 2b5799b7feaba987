#include "worker/mail/resend_window.h"

#include <ctime>

namespace wombat {
namespace {

constexpr RateLimit kOneMail{1, 120};

std::uint32_t UnixNow() { return std::uint32_t(std::time(nullptr)); }

// Unlike a rate limit it does not begin anew with changed settings.
std::uint64_t KeyOf(const Record& record, RepeatedMail mail) {
  const char* counter = mail == RepeatedMail::kVerification ? "@limitVerificationEmail_" : "@limitPasswordResetEmail_";
  return RateTable::KeyOf(0, counter, record.collection().id + std::string(record.id()));
}

RateTable& TableOf(const RequestContext& context) { return context.runtime.config.page->rate_limits; }

}  // namespace

bool WasMailed(const RequestContext& context, const Record& record, RepeatedMail mail) {
  return TableOf(context).IsSpent(KeyOf(record, mail), UnixNow());
}

bool BeginResendWindow(const RequestContext& context, const Record& record, RepeatedMail mail) {
  return TableOf(context).Take(KeyOf(record, mail), kOneMail, UnixNow());
}

void EndResendWindow(const RequestContext& context, const Record& record, RepeatedMail mail) {
  TableOf(context).Forget(KeyOf(record, mail));
}

}  // namespace wombat
