// Field values, SQL values and refusals to and from their messages.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/db/value.h"
#include "common/records/record.h"
#include "proto/messages.capnp.h"

namespace wombat {

void WriteSqlValues(capnp::List<proto::SqlValue>::Builder out, const SqlValues& values);
SqlValues ReadSqlValues(capnp::List<proto::SqlValue>::Reader in);

// All fields of a record, in the order of its collection's fields.
void WriteRecordValues(capnp::List<proto::FieldValue>::Builder out, const Record& record);
// False when the number of values is not the number of fields.
bool ReadRecordValues(capnp::List<proto::FieldValue>::Reader in, Record& record);

void WriteRefusal(proto::Refusal::Builder out, const ApiError& error);
ApiError ReadRefusal(proto::Refusal::Reader in);

// An object of field errors that travels as text; "" and whatever is no object: no errors.
Json ReadErrors(capnp::Text::Reader text);

// Where a request is passed on that the writer answers itself.
inline constexpr std::uint32_t kToWriter = 0xffffffff;

inline std::string_view View(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline capnp::Text::Reader ToText(const std::string& text) { return {text.c_str(), text.size()}; }

}  // namespace wombat
