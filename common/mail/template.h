// The mails of an auth collection: what a template becomes for one record.                   Behaviour: spec 04 §9.2.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/mail/message.h"
#include "common/records/record.h"
#include "common/settings/settings.h"

namespace wombat {

// What a mail says besides its record: name without braces ("TOKEN") and text, which is put in as it is.
using Placeholders = std::vector<std::pair<std::string_view, std::string>>;

// Subject and HTML of the message, with every placeholder that there is replaced once. What a value holds is text, never a
// placeholder. Hidden fields are not replaced.
MailMessage ResolveTemplate(const MailTemplate& mail, const Record& record, const Settings& settings,
                            const Placeholders& placeholders);

}  // namespace wombat
