#include "proto/values.h"

namespace wombat {
namespace {

void WriteFieldValue(proto::FieldValue::Builder out, const Json& value) {
  if (value.is_bool()) {
    out.setBoolean(value.as_bool());
  } else if (value.is_number()) {
    out.setNumber(value.as_number());
  } else if (value.is_string()) {
    out.setText(ToText(value.as_string()));
  } else if (value.is_array()) {
    auto list = out.initList(unsigned(value.as_array().size()));
    for (unsigned i = 0; i < list.size(); i++) {
      const Json& item = value.as_array()[i];
      if (item.is_string()) list.set(i, ToText(item.as_string()));
    }
  } else if (value.is_object()) {
    auto point = out.initPoint();
    point.setLongitude(value.NumberOr("lon"));
    point.setLatitude(value.NumberOr("lat"));
  } else {
    out.setNull();
  }
}

Json ReadFieldValue(proto::FieldValue::Reader in) {
  switch (in.which()) {
    case proto::FieldValue::BOOLEAN: return in.getBoolean();
    case proto::FieldValue::NUMBER: return in.getNumber();
    case proto::FieldValue::TEXT: return Json(View(in.getText()));
    case proto::FieldValue::LIST: {
      Json::Array items;
      items.reserve(in.getList().size());
      for (auto text : in.getList()) items.emplace_back(View(text));
      return items;
    }
    case proto::FieldValue::POINT:
      return Json::Object({{"lon", in.getPoint().getLongitude()}, {"lat", in.getPoint().getLatitude()}});
    case proto::FieldValue::NULL_: break;
  }
  return {};
}

}  // namespace

void WriteSqlValues(capnp::List<proto::SqlValue>::Builder out, const SqlValues& values) {
  for (unsigned i = 0; i < out.size(); i++) {
    auto slot = out[i];
    const SqlValue& value = values[i];
    if (const auto* integer = std::get_if<std::int64_t>(&value)) slot.setInteger(*integer);
    else if (const auto* real = std::get_if<double>(&value)) slot.setReal(*real);
    else if (const auto* text = std::get_if<std::string>(&value)) slot.setText(ToText(*text));
    else if (const auto* blob = std::get_if<Blob>(&value))
      slot.setData(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(blob->bytes.data()), blob->bytes.size()));
    else slot.setNull();
  }
}

SqlValues ReadSqlValues(capnp::List<proto::SqlValue>::Reader in) {
  SqlValues values;
  values.reserve(in.size());
  for (auto slot : in) {
    switch (slot.which()) {
      case proto::SqlValue::INTEGER: values.emplace_back(slot.getInteger()); break;
      case proto::SqlValue::REAL: values.emplace_back(slot.getReal()); break;
      case proto::SqlValue::TEXT: values.emplace_back(std::string(View(slot.getText()))); break;
      case proto::SqlValue::DATA:
        values.emplace_back(Blob{std::string(reinterpret_cast<const char*>(slot.getData().begin()), slot.getData().size())});
        break;
      case proto::SqlValue::NULL_: values.emplace_back(std::monostate()); break;
    }
  }
  return values;
}

void WriteRecordValues(capnp::List<proto::FieldValue>::Builder out, const Record& record) {
  for (unsigned i = 0; i < out.size(); i++) WriteFieldValue(out[i], record.value(int(i)));
}

bool ReadRecordValues(capnp::List<proto::FieldValue>::Reader in, Record& record) {
  if (in.size() != record.collection().fields.size()) return false;
  for (unsigned i = 0; i < in.size(); i++) record.SetRaw(int(i), ReadFieldValue(in[i]));
  return true;
}

void WriteRefusal(proto::Refusal::Builder out, const ApiError& error) {
  out.setStatus(std::uint16_t(error.status));
  out.setMessage(ToText(error.message));
  out.setDataJson(ToText(error.data.Dump()));
  out.setDetails(ToText(error.log_details));
}

Json ReadErrors(capnp::Text::Reader text) {
  if (text.size() == 0) return Json::Object();
  auto errors = ParseJson(View(text));
  return errors && errors->is_object() ? std::move(*errors) : Json::Object();
}

ApiError ReadRefusal(proto::Refusal::Reader in) {
  ApiError error;
  error.status = in.getStatus();
  error.message = std::string(View(in.getMessage()));
  if (auto data = ParseJson(View(in.getDataJson())); data && data->is_object()) error.data = std::move(*data);
  error.log_details = std::string(View(in.getDetails()));
  return error;
}

}  // namespace wombat
