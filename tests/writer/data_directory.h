// A temporary data directory for the writer's tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/db/sqlite.h"

namespace wombat {

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(std::filesystem::temp_directory_path() / ("wombat_test_" + RandomId())) {}
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

  // Runs SQL on a database of the directory, outside of any server.
  void Execute(const std::string& database, const std::string& script) const {
    auto connection = Connection::Open(file(database), {.mode = Connection::Mode::kWriter, .create = true});
    ASSERT_TRUE(connection) << connection.error().message;
    auto done = (*connection)->Execute(script);
    ASSERT_TRUE(done) << done.error().message << "\n" << script;
  }

  // First column of every row, as text.
  std::vector<std::string> Column(const std::string& database, const std::string& sql) const {
    std::vector<std::string> rows;
    auto connection = Connection::Open(file(database), {.mode = Connection::Mode::kWriter});
    if (!connection) return {"cannot open: " + connection.error().message};
    auto statement = (*connection)->Prepare(sql);
    if (!statement) return {"cannot prepare: " + statement.error().message};
    for (;;) {
      auto row = statement->Step();
      if (!row) return {"cannot step: " + row.error().message};
      if (!*row) return rows;
      rows.emplace_back(statement->cell(0).is_null() ? "NULL" : statement->cell(0).text());
    }
  }
  std::string Value(const std::string& database, const std::string& sql) const {
    const auto rows = Column(database, sql);
    return rows.empty() ? "no row" : rows.front();
  }

  // Every file's bytes by its path.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      std::ifstream stream(entry.path(), std::ios::binary);
      files[entry.path().lexically_relative(path_).string()] =
          entry.is_directory() ? "directory" : std::string(std::istreambuf_iterator<char>(stream), {});
    }
    return files;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace wombat
