// The collections that the micro benchmarks work on, and one row of them in a real database.
#pragma once

#include <memory>
#include <string>

#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/schema/schema.h"

namespace wombat::micro {

class Sample {
 public:
  // The one sample of the program; ends the program with a message when it cannot be made.
  static Sample& Get();
  ~Sample();

  const Schema& schema() const { return *schema_; }
  CollectionPtr posts() const { return schema_->FindShared("posts"); }
  std::shared_ptr<const Record> member() const { return member_; }
  Connection& connection() { return *connection_; }
  Record Post() const;

  // The body of a create request for `posts`.
  static std::string_view Body();

 private:
  Sample();
  void CreateTable();

  std::string directory_;
  SchemaPtr schema_;
  std::shared_ptr<const Record> member_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace wombat::micro
