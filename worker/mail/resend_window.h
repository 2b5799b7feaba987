// How soon a record gets the same mail again: two minutes, counted by all workers together.        spec 04 §6.7–§6.9
#pragma once

#include "worker/request_context.h"

namespace wombat {

enum class RepeatedMail { kVerification, kPasswordReset };

bool WasMailed(const RequestContext& context, const Record& record, RepeatedMail mail);
// Begins the window. False: somebody else began it meanwhile.
bool BeginResendWindow(const RequestContext& context, const Record& record, RepeatedMail mail);
void EndResendWindow(const RequestContext& context, const Record& record, RepeatedMail mail);

}  // namespace wombat
