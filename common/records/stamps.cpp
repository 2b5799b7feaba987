#include "common/base/random.h"
#include "common/base/time.h"
#include "common/records/validate.h"

namespace wombat {
namespace {

constexpr std::size_t kTokenKeyLength = 50;

bool PasswordWasSet(const Record& record) {
  const int field = record.collection().password_field;
  return field >= 0 && record.PlainPassword(field) != nullptr;
}

}  // namespace

void AutogenerateValues(Record& record) {
  const auto& fields = record.collection().fields;
  for (int i = 0; i < int(fields.size()); ++i) {
    if (auto generated = fields[std::size_t(i)]->AutogenerateOnCreate(record.value(i))) {
      record.SetRaw(i, std::move(*generated));
    }
  }
}

void StampAutodates(Record& record) {
  const auto& fields = record.collection().fields;
  std::string now;
  for (int i = 0; i < int(fields.size()); ++i) {
    const Field& field = *fields[std::size_t(i)];
    if (!(record.is_new() ? field.StampsOnCreate() : field.StampsOnUpdate())) continue;
    if (now.empty()) now = NowText();
    record.SetRaw(i, now);
  }
}

void RefreshTokenKeyIfNeeded(Record& record) {
  const Collection& collection = record.collection();
  const int token_key = collection.token_key_field;
  if (record.is_new() || !collection.is_auth() || token_key < 0) return;
  if (record.value(token_key) != record.original()[std::size_t(token_key)]) return;
  if (!PasswordWasSet(record) && record.Get("email") == record.Original("email")) return;
  const Field& field = *collection.fields[std::size_t(token_key)];
  auto generated = field.ApplyModifier(Field::Modifier::kAutogenerate, record.value(token_key), Json(""));
  const bool usable = generated && generated->is_string() && !generated->as_string().empty();
  record.SetRaw(token_key, usable ? std::move(*generated) : Json(RandomText(kTokenKeyLength)));
}

}  // namespace wombat
