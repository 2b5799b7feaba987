// Values of a document that somebody else wrote, each of the type that is expected there.       Behaviour: spec 04 §7.
//
// A value of another type makes the whole document unsound, which is asked once at the end; one that is absent or null reads
// as empty. Keys match in any letter case. A path is a row of keys: "data.viewer.id".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"

namespace wombat {

class TypedJson {
 public:
  // `root` and `sound` outlive this. An object is expected; null reads as an empty one.
  TypedJson(const Json& root, bool& sound);

  std::string Text(std::string_view path) const;
  bool Bool(std::string_view path) const;
  // Decimal; "0" when absent. What a double cannot hold exactly is unsound: two users would get one id.
  std::string Integer(std::string_view path) const;
  TypedJson Object(std::string_view path) const;
  // The objects of a list.
  std::vector<TypedJson> List(std::string_view path) const;
  // Of any type; null when absent.
  const Json* Any(std::string_view path) const;

 private:
  explicit TypedJson(bool& sound) : sound_(&sound) {}
  // Null for what is absent or null; what is on the way there has to be objects.
  const Json* Find(std::string_view path) const;

  const Json* object_ = nullptr;
  bool* sound_;
};

// Member of an object in any letter case; one that is written exactly so goes before others. Null when absent.
const Json* FindAnyCase(const Json& object, std::string_view key);

// true, a number that is not 0, or a text that says so.
bool IsTrueish(const Json* value);

}  // namespace wombat
