// Errors as values, for every path that a request can take.                              Behaviour: spec 01 §1.4.
//
// Two kinds cross our functions:
//   Error      something that failed inside (SQLite, a socket, a parser); its text is for the log, never for a client.
//   ApiError   an answer: status, message and field errors exactly as the client shall see them.
// Neither is thrown. Exceptions are for broken invariants and end at the process's own boundary.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "common/base/json.h"

namespace wombat {

struct Error {
  enum class Kind {
    kGeneric,
    kNotFound,       // nothing has this id or name
    kInvalidInput,   // the client's text cannot be used (parse error, unknown field, limit)
    kBusy,           // a lock could not be had in time
    kInterrupted,    // a query was ended at its time limit
    kDiskFull,       // the disk is full or the directory is read-only
    kConstraint,     // a unique constraint; `message` holds SQLite's "UNIQUE constraint failed: t.a, t.b"
  };
  Kind kind = Kind::kGeneric;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> Fail(std::string message, Error::Kind kind = Error::Kind::kGeneric) {
  return std::unexpected(Error{kind, std::move(message)});
}

// An error answer. `data` is the object of field errors in wire form, built with AddFieldError below.
// `message` may be given as in the spec's text without the final dot: the answer normalises it (NormalizeMessage).
struct ApiError {
  int status = 400;
  std::string message;              // empty: the status' default message
  Json data = Json::Object();
  std::string log_details;          // internal cause, for the request log only
};

template <class T>
using ApiResult = std::expected<T, ApiError>;

inline std::unexpected<ApiError> Refuse(int status, std::string message = {}, Json data = Json::Object()) {
  return std::unexpected(ApiError{status, std::move(message), std::move(data), {}});
}

// The default message of a status (spec 01 §1.4).
std::string_view DefaultMessage(int status);

// Trimmed, first letter upper-cased, "." appended unless it ends in ".", "?" or "!".
std::string NormalizeMessage(std::string_view text);

// One failed check of one value. `message` may hold {{.name}} placeholders, replaced from `params` when it is added.
struct FieldError {
  std::string code;
  std::string message;
  Json params = Json::Null();       // an object, or null for none

  static FieldError Required() { return {"validation_required", "cannot be blank", {}}; }
  static FieldError InvalidValue() { return {"validation_invalid_value", "Invalid value.", {}}; }
};

// Puts `error` at a dotted path ("fields.2.name") of the error object `data`, keeping an error that is already there.
void AddFieldError(Json& data, std::string_view path, const FieldError& error);

}  // namespace wombat
