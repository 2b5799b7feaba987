#include "common/db/remote_cursor.h"

#include "common/base/text.h"

namespace wombat {

void RemoteCursor::Bind(int parameter, SqlValue value) {
  const auto index = std::size_t(parameter - 1);
  if (values_.size() <= index) values_.resize(index + 1);
  values_[index] = std::move(value);
}

Result<bool> RemoteCursor::EnsureRun() {
  if (has_run_) return false;
  auto rows = remote_.Run(sql_, values_);
  if (!rows) return std::unexpected(rows.error());
  rows_ = std::move(*rows);
  next_ = 0;
  has_run_ = true;
  return true;
}

std::string RemoteCursor::PresenterSql() const {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < rows_.columns.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += "?" + std::to_string(i + 1) + " AS " + QuoteName(rows_.columns[i]);
  }
  return sql;
}

}  // namespace wombat
