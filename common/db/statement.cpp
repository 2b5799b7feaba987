#include <utility>

#include "common/db/remote_cursor.h"
#include "common/db/sqlite.h"

namespace wombat {
namespace {

// SQLite takes a null pointer for NULL, also when the length is zero.
const char* NotNull(std::string_view text) { return text.data() ? text.data() : ""; }

void BindWith(sqlite3_stmt* statement, int parameter, const SqlValue& value, sqlite3_destructor_type lifetime) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, parameter, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement, parameter, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text64(statement, parameter, text->data(), text->size(), lifetime, SQLITE_UTF8);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    sqlite3_bind_blob64(statement, parameter, blob->bytes.data(), blob->bytes.size(), lifetime);
  } else {
    sqlite3_bind_null(statement, parameter);
  }
}

}  // namespace

SqlValue Cell::value() const {
  switch (type()) {
    case SQLITE_INTEGER:
      return integer();
    case SQLITE_FLOAT:
      return real();
    case SQLITE_TEXT:
      return std::string(text());
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
      const auto size = std::size_t(sqlite3_column_bytes(statement_, column_));
      return Blob{data ? std::string(data, size) : std::string()};
    }
    default:
      return std::monostate{};
  }
}

Statement::Statement(Statement&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      statement_(std::exchange(other.statement_, nullptr)),
      slot_(std::exchange(other.slot_, nullptr)),
      cursor_(std::move(other.cursor_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    GiveBack();
    connection_ = std::exchange(other.connection_, nullptr);
    statement_ = std::exchange(other.statement_, nullptr);
    slot_ = std::exchange(other.slot_, nullptr);
    cursor_ = std::move(other.cursor_);
  }
  return *this;
}

Statement::~Statement() { GiveBack(); }

void Statement::GiveBack() {
  if (statement_) connection_->GiveBack(std::exchange(statement_, nullptr), slot_);
}

void Statement::Bind(int parameter, const SqlValue& value) {
  if (cursor_) return BindRemote(parameter, value);
  BindWith(statement_, parameter, value, SQLITE_TRANSIENT);
}

void Statement::BindView(int parameter, std::string_view text) {
  if (cursor_) return BindRemote(parameter, std::string(text));
  sqlite3_bind_text64(statement_, parameter, NotNull(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int Statement::BindAll(std::span<const SqlValue> values, int first) {
  for (const SqlValue& value : values) {
    if (cursor_) BindRemote(first++, value);
    else BindWith(statement_, first++, value, SQLITE_STATIC);
  }
  return first;
}

void Statement::BindRemote(int parameter, SqlValue value) { cursor_->Bind(parameter, std::move(value)); }

void Statement::ResetRemote() {
  GiveBack();
  cursor_->Reset();
}

Result<bool> Statement::StepRemote() {
  auto ran = cursor_->EnsureRun();
  if (!ran) return std::unexpected(ran.error());
  if (*ran) GiveBack();
  const SqlValues* row = cursor_->NextRow();
  if (!row) return false;
  if (!statement_) {
    auto presenter = connection_->PrepareHere(cursor_->PresenterSql());
    if (!presenter) return std::unexpected(presenter.error());
    std::swap(statement_, presenter->statement_);
    slot_ = presenter->slot_;
  }
  sqlite3_reset(statement_);
  int parameter = 1;
  for (const SqlValue& value : *row) BindWith(statement_, parameter++, value, SQLITE_STATIC);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  return std::unexpected(connection_->LastError(code));
}

Result<bool> Statement::Step() {
  if (cursor_) return StepRemote();
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(connection_->LastError(code));
}

std::string_view Statement::column_declared_type(int column) const {
  const char* type = sqlite3_column_decltype(statement_, column);
  return type ? std::string_view(type) : std::string_view();
}

}  // namespace wombat
