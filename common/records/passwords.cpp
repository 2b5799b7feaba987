#include "common/auth/password.h"
#include "common/records/validate.h"

namespace wombat {
namespace {

template <class Visit>
void ForEachUnhashed(const Record& record, Visit visit) {
  const auto& fields = record.collection().fields;
  for (int i = 0; i < int(fields.size()); ++i) {
    const std::string* plain = record.PlainPassword(i);
    const bool has_hash = record.value(i).is_string() && !record.value(i).as_string().empty();
    if (plain && !plain->empty() && !has_hash && !record.password_failed(i)) visit(i, *plain);
  }
}

}  // namespace

bool NeedsHashing(const Record& record) {
  bool needed = false;
  ForEachUnhashed(record, [&](int, const std::string&) { needed = true; });
  return needed;
}

void HashPasswords(Record& record) {
  ForEachUnhashed(record, [&](int field, const std::string& plain) {
    const int cost = int(record.collection().fields[std::size_t(field)]->OptionsJson().NumberOr("cost"));
    if (auto hash = HashPassword(plain, cost)) {
      record.SetRaw(field, std::move(*hash));
    } else {
      record.MarkPasswordFailed(field);
    }
  });
}

}  // namespace wombat
