#include "common/schema/view_dry_run.h"

#include <cctype>
#include <set>

#include "common/base/random.h"
#include "common/base/text.h"
#include "common/records/row_json.h"
#include "common/schema/validation.h"
#include "common/schema/view_query.h"

namespace wombat {
namespace {

constexpr int kSampleRows = 10;
constexpr std::size_t kNameSuffixLength = 5;

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

Collection TemporaryCollection(FieldList fields) {
  Collection collection;
  collection.type = CollectionType::kView;
  collection.raw_type = TypeName(collection.type);
  collection.name = "temp_view_" + RandomText(kNameSuffixLength);
  collection.id = "pbc_" + Crc32Decimal(collection.raw_type + collection.name);
  collection.fields = std::move(fields);
  collection.Prepare();
  return collection;
}

// As the message was before it was made a sentence of.
std::string Plain(std::string message) {
  if (!message.empty()) message[0] = char(std::tolower(static_cast<unsigned char>(message[0])));
  if (message.ends_with('.')) message.pop_back();
  return message;
}

std::string NameProblem(const std::string& name) {
  const auto error = FieldNameError(name);
  if (!error) return {};
  Json errors = Json::Object();
  AddFieldError(errors, "name", *error);
  const std::string sentence = errors.Find("name")->StringOr("message");
  return "name: " + (error->message.ends_with('.') ? sentence : Plain(sentence));
}

std::string SettingsProblem(const Field& field, const Schema& schema, const Collection& collection) {
  std::string problem = NameProblem(field.name);
  Json errors = Json::Object();
  field.ValidateSettings({schema, collection, nullptr}, "field", errors);
  if (const Json* options = errors.Find("field")) {
    for (const auto& [option, error] : options->as_object()) {
      if (!problem.empty()) problem += "; ";
      problem.append(option).append(": ").append(Plain(error.StringOr("message")));
    }
  }
  return problem.empty() ? problem : problem + ".";
}

Result<void> CheckFields(const Schema& schema, const Collection& collection) {
  for (std::size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = *collection.fields[i];
    const std::string problem = SettingsProblem(field, schema, collection);
    if (problem.empty()) continue;
    return Invalid("invalid field " + QuotedText(field.name) + " (" + std::to_string(i) + "): " + problem);
  }
  return {};
}

std::unexpected<Error> Unreadable(const Error& error) {
  if (error.kind == Error::Kind::kInterrupted) return std::unexpected(error);
  return Invalid("failed to retrieve query records: " + error.message);
}

Result<std::string> Sample(Connection& connection, const Collection& collection, const std::string& select) {
  auto statement = connection.Prepare("SELECT * FROM (" + select + ") " + QuoteName(collection.name) + " LIMIT " +
                                      std::to_string(kSampleRows));
  if (!statement) return Unreadable(statement.error());
  std::string sample;
  std::set<std::string, std::less<>> ids;
  for (;;) {
    const auto row = statement->Step();
    if (!row) return Unreadable(row.error());
    if (!*row) return sample;
    if (!sample.empty()) sample += ',';
    if (!AppendRowJson(sample, collection, *statement, 0, Visibility())) {
      return Unreadable({Error::Kind::kGeneric, "a record cannot be read"});
    }
    std::string id(statement->cell(collection.id_field).text());
    if (id.empty()) return Invalid("the query could return records with empty or invalid ids");
    if (!ids.insert(std::move(id)).second) return Invalid("the query could return records with non-unique ids");
  }
}

}  // namespace

Result<ViewDryRun> DryRunView(Connection& connection, const Schema& schema, ViewFields inferred) {
  if (inferred.problem) return Invalid(*inferred.problem);
  ViewDryRun run;
  run.collection = TemporaryCollection(std::move(inferred.fields));
  if (auto checked = CheckFields(schema, run.collection); !checked) return std::unexpected(checked.error());
  auto sample = Sample(connection, run.collection, inferred.select);
  if (!sample) return std::unexpected(sample.error());
  run.sample = *std::move(sample);
  return run;
}

}  // namespace wombat
