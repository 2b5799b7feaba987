// What can be bound to an SQL parameter. Text is owned: bindings outlive the request parts that they were made from.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace wombat {

struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;   // monostate is NULL
using SqlValues = std::vector<SqlValue>;

}  // namespace wombat
