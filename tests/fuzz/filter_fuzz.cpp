// Any bytes as a rule, a client filter and a sort: an answer or an error, never a crash, never slow.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/filter/compile.h"
#include "common/schema/schema.h"

namespace wombat {
namespace {

constexpr std::string_view kIdField =
    R"({"id":"f_id","name":"id","type":"text","primaryKey":true,"required":true,"system":true,"pattern":"^[a-z0-9]+$"})";

CollectionPtr MakeCollection(std::string name, std::string_view more_fields, Rule list_rule) {
  const std::string fields = "[" + std::string(kIdField) + "," + std::string(more_fields) + "]";
  auto collection = CollectionFromStored("c_" + name, false, "base", name, fields, "[]", "{}");
  if (!collection) __builtin_trap();
  collection->list_rule = std::move(list_rule);
  return std::make_shared<const Collection>(std::move(*collection));
}

const Schema& TheSchema() {
  static const Schema schema({
      MakeCollection("posts",
                     R"({"id":"f1","name":"title","type":"text"},{"id":"f2","name":"total","type":"number"},)"
                     R"({"id":"f3","name":"tags","type":"select","values":["x"],"maxSelect":3},)"
                     R"({"id":"f4","name":"meta","type":"json"},{"id":"f5","name":"spot","type":"geoPoint"},)"
                     R"({"id":"f6","name":"parent","type":"relation","collectionId":"c_posts","maxSelect":1},)"
                     R"({"id":"f7","name":"kids","type":"relation","collectionId":"c_posts","maxSelect":9})",
                     ""),
      MakeCollection("notes",
                     R"({"id":"f1","name":"post","type":"relation","collectionId":"c_posts","maxSelect":1},)"
                     R"({"id":"f2","name":"secret","type":"text","hidden":true})",
                     "post.title != '' || (secret ~ 'x' // )\n)"),
  });
  return schema;
}

RequestInfo MakeRequest() {
  RequestInfo request;
  request.method = "GET";
  request.query = {{"total", "1e3"}, {"q", ""}};
  request.body =
      Json::Object({{"tags", Json(Json::Array{"x", "%"})}, {"kids", Json(Json::Array{"a", "b"})}, {"title", "t"}});
  return request;
}

}  // namespace
}  // namespace wombat

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wombat;
  static const RequestInfo request = MakeRequest();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Collection& posts = *TheSchema().Find("posts");
  (void)CheckRule(TheSchema(), posts, text);
  Compiler compiler(TheSchema(), posts, &request);
  if (compiler.AddFilter(text, false)) (void)compiler.Finish();
  Compiler sorted(TheSchema(), posts, &request);
  if (sorted.AddSort(text, true)) (void)sorted.Finish();
  (void)CompileSimple({.columns = {"id", "data"}, .json_column = "data"}, text, text.substr(0, 64));
  return 0;
}
