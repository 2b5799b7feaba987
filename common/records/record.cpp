#include "common/records/record.h"

#include <algorithm>

namespace wombat {
namespace {

const Json& Nothing() {
  static const Json null;
  return null;
}

bool IsPassword(const Field& field) { return field.type() == "password"; }

}  // namespace

Record::Record(CollectionPtr collection) : collection_(std::move(collection)) {
  values_.reserve(collection_->fields.size());
  for (const auto& field : collection_->fields) values_.push_back(field->ZeroValue());
  original_ = values_;
}

const Json& Record::Get(std::string_view name) const {
  const int field = collection_->FieldIndex(name);
  return field < 0 ? Nothing() : value(field);
}

const Json& Record::Original(std::string_view name) const {
  const int field = collection_->FieldIndex(name);
  return field < 0 ? Nothing() : original_[std::size_t(field)];
}

std::string_view Record::Text(std::string_view name) const {
  const Json& value = Get(name);
  return value.is_string() ? std::string_view(value.as_string()) : std::string_view();
}

bool Record::Bool(std::string_view name) const {
  const Json& value = Get(name);
  return value.is_bool() && value.as_bool();
}

double Record::Number(std::string_view name) const {
  const Json& value = Get(name);
  return value.is_number() ? value.as_number() : 0;
}

std::vector<std::string> Record::List(std::string_view name) const {
  const Json& value = Get(name);
  std::vector<std::string> items;
  if (value.is_string() && !value.as_string().empty()) items.push_back(value.as_string());
  if (value.is_array()) {
    for (const Json& item : value.as_array()) {
      if (item.is_string()) items.push_back(item.as_string());
    }
  }
  return items;
}

void Record::Set(std::string_view name, const Json& submitted) {
  const int index = collection_->FieldIndex(name);
  if (index < 0) return;
  const Field& field = *collection_->fields[std::size_t(index)];
  if (field.type() == "autodate") return;
  if (IsPassword(field)) {
    SetPassword(index, CastToText(submitted));
  } else {
    SetRaw(index, field.Cast(submitted));
  }
}

void Record::SetPassword(int field, std::string plain) {
  std::erase_if(plain_passwords_, [field](const PlainPassword_& entry) { return entry.field == field; });
  SetRaw(field, std::string());
  if (!plain.empty()) plain_passwords_.push_back({field, std::move(plain)});
}

const std::string* Record::PlainPassword(int field) const {
  const auto entry = std::ranges::find(plain_passwords_, field, &PlainPassword_::field);
  return entry == plain_passwords_.end() ? nullptr : &entry->plain;
}

void Record::SetPlainPassword(int field, std::string plain) {
  // Without a text only the fact counts that one was set: the hash is already there.
  if (!plain.empty()) return SetPassword(field, std::move(plain));
  if (!PlainPassword(field)) plain_passwords_.push_back({field, {}});
}

bool Record::password_failed(int field) const {
  const auto entry = std::ranges::find(plain_passwords_, field, &PlainPassword_::field);
  return entry != plain_passwords_.end() && entry->failed;
}

void Record::MarkPasswordFailed(int field) {
  for (PlainPassword_& entry : plain_passwords_) entry.failed = entry.failed || entry.field == field;
}

Record Record::FromRow(CollectionPtr collection, const Statement& row, int first_column) {
  Record record(std::move(collection));
  const auto& fields = record.collection_->fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    record.values_[i] = fields[i]->FromCell(row.cell(first_column + int(i)));
  }
  record.TakeAsOriginal();
  record.is_new_ = false;
  return record;
}

const RecordUpload* Record::FindUpload(std::string_view name) const {
  for (const RecordUpload& upload : uploads_)
    if (upload.name == name) return &upload;
  return nullptr;
}

}  // namespace wombat
