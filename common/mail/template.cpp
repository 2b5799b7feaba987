#include "common/mail/template.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "common/mail/layout.h"

namespace wombat {
namespace {

constexpr std::string_view kRecord = "RECORD:";
// No placeholder is longer, so that a text of many braces is not searched to its end for each of them.
constexpr std::size_t kMaxName = 300;

bool PrintsAsIs(std::string_view type) {
  return type == "autodate" || type == "date" || type == "bool" || type == "number";
}

// Lists have no text of their own, and a password has none that anybody may see.
std::string TextOf(const Field& field, const Json& value) {
  if (value.is_array() || field.type() == "password") return {};
  if (value.is_null() && field.type() == "json") return "null";
  if (!value.is_object()) return CastToText(value);
  std::string text;
  field.AppendJson(text, value);
  return text;
}

class Resolver {
 public:
  Resolver(const Record& record, const Settings& settings, const Placeholders& placeholders)
      : record_(record), settings_(settings), placeholders_(placeholders) {}

  std::string Resolve(std::string_view text) const {
    std::string out;
    out.reserve(text.size());
    for (;;) {
      const std::size_t open = text.find('{');
      out += text.substr(0, open);
      if (open == text.npos) return out;
      text.remove_prefix(open);
      const std::size_t close = text.substr(0, kMaxName).find('}');
      const auto value = close == text.npos ? std::nullopt : Find(text.substr(1, close - 1));
      if (value)
        out += *value;
      else
        out += '{';
      text.remove_prefix(value ? close + 1 : 1);
    }
  }

 private:
  std::optional<std::string> Find(std::string_view name) const {
    if (name == "APP_NAME") return settings_.meta.app_name;
    if (name == "APP_URL") return settings_.meta.app_url;
    for (const auto& [own, value] : placeholders_)
      if (own == name) return value;
    if (!name.starts_with(kRecord)) return std::nullopt;
    const int index = record_.collection().FieldIndex(name.substr(kRecord.size()));
    if (index < 0) return std::nullopt;
    const Field& field = *record_.collection().fields[std::size_t(index)];
    if (field.hidden) return std::nullopt;
    std::string text = TextOf(field, record_.value(index));
    return PrintsAsIs(field.type()) ? text : EscapeHtml(text);
  }

  const Record& record_;
  const Settings& settings_;
  const Placeholders& placeholders_;
};

MailAddress SenderOf(const Settings& settings) {
  const Json* meta = settings.document().Find("meta");
  return meta ? MailAddress{meta->StringOr("senderName"), meta->StringOr("senderAddress")} : MailAddress{};
}

}  // namespace

MailMessage ResolveTemplate(const MailTemplate& mail, const Record& record, const Settings& settings,
                            const Placeholders& placeholders) {
  const Resolver resolver(record, settings, placeholders);
  MailMessage message;
  message.from = SenderOf(settings);
  message.subject = resolver.Resolve(mail.subject);
  message.html = InLayout(resolver.Resolve(mail.body));
  return message;
}

}  // namespace wombat
