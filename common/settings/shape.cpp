#include "common/settings/shape.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "common/base/json_text.h"
#include "common/base/text.h"

namespace wombat::settings {
namespace {

constexpr Member kSmtp[] = {
    {"enabled", Kind::kBool},  {"port", Kind::kInteger},    {"host", Kind::kText}, {"username", Kind::kText},
    {"password", Kind::kText, {}, false, true}, {"authMethod", Kind::kText}, {"tls", Kind::kBool},  {"localName", Kind::kText},
};
constexpr Member kS3[] = {
    {"enabled", Kind::kBool},        {"bucket", Kind::kText},    {"region", Kind::kText},
    {"endpoint", Kind::kText},       {"accessKey", Kind::kText}, {"secret", Kind::kText, {}, true, true},
    {"forcePathStyle", Kind::kBool},
};
constexpr Member kBackups[] = {{"cron", Kind::kText}, {"cronMaxKeep", Kind::kInteger}, {"s3", Kind::kObject, kS3}};
constexpr Member kMeta[] = {
    {"accentColor", Kind::kText}, {"appName", Kind::kText},       {"appURL", Kind::kText},
    {"senderName", Kind::kText},  {"senderAddress", Kind::kText}, {"hideControls", Kind::kBool},
};
constexpr Member kRule[] = {
    {"label", Kind::kText}, {"audience", Kind::kText}, {"duration", Kind::kInteger}, {"maxRequests", Kind::kInteger}};
constexpr Member kRateLimits[] = {
    {"rules", Kind::kObjects, kRule}, {"excludedIPs", Kind::kTexts}, {"enabled", Kind::kBool}};
constexpr Member kTrustedProxy[] = {{"headers", Kind::kTexts}, {"useLeftmostIP", Kind::kBool}};
constexpr Member kBatch[] = {{"enabled", Kind::kBool},
                             {"maxRequests", Kind::kInteger},
                             {"timeout", Kind::kInteger},
                             {"maxBodySize", Kind::kInteger}};
constexpr Member kLogs[] = {
    {"maxDays", Kind::kInteger}, {"minLevel", Kind::kInteger}, {"logIP", Kind::kBool}, {"logAuthId", Kind::kBool}};
constexpr Member kRoot[] = {
    {"superuserIPs", Kind::kTexts},
    {"smtp", Kind::kObject, kSmtp},
    {"backups", Kind::kObject, kBackups},
    {"s3", Kind::kObject, kS3},
    {"meta", Kind::kObject, kMeta},
    {"rateLimits", Kind::kObject, kRateLimits},
    {"trustedProxy", Kind::kObject, kTrustedProxy},
    {"batch", Kind::kObject, kBatch},
    {"logs", Kind::kObject, kLogs},
};

const Member* FindMember(std::span<const Member> members, std::string_view key) {
  for (const Member& member : members) {
    if (EqualsIgnoreCase(member.key, key)) return &member;
  }
  return nullptr;
}

class Overlayer {
 public:
  explicit Overlayer(UnknownKeys unknown) : unknown_(unknown) {}

  // The recursion is as deep as the shape, never as deep as the document.
  Result<void> Object(Json& current, const Json& given, std::span<const Member> members, const std::string& path) {
    if (given.is_null()) return {};
    if (!given.is_object()) return WrongType(path, "object");
    for (const auto& [key, value] : given.as_object()) {
      const Member* member = FindMember(members, key);
      if (!member) {
        if (unknown_ == UnknownKeys::kKeep) current[key] = value;
      } else if (auto done = Value(current[member->key], value, *member, path + "." + AsciiLower(key)); !done) {
        return done;
      }
    }
    return {};
  }

 private:
  static std::unexpected<Error> WrongType(const std::string& path, std::string_view expected) {
    return Fail("json: the settings value at \"" + path.substr(path.empty() ? 0 : 1) + "\" must be of type " +
                    std::string(expected),
                Error::Kind::kInvalidInput);
  }

  Result<void> Value(Json& current, const Json& given, const Member& member, const std::string& path) {
    switch (member.kind) {
      case Kind::kObject:
        return Object(current, given, member.members, path);
      case Kind::kObjects:
        return Objects(current, given, member, path);
      case Kind::kTexts:
        return Texts(current, given, path);
      case Kind::kBool:
        return Scalar(current, given, given.is_bool(), path, "bool");
      case Kind::kText:
        return Scalar(current, given, given.is_string(), path, "string");
      case Kind::kInteger:
        return Scalar(current, given, IsInteger(given), path, "int");
    }
    return {};
  }

  static Result<void> Scalar(Json& current, const Json& given, bool fits, const std::string& path,
                             std::string_view expected) {
    if (given.is_null()) return {};
    if (!fits) return WrongType(path, expected);
    current = given;
    return {};
  }

  static bool IsInteger(const Json& given) {
    return given.is_number() && std::fabs(given.as_number()) < 9223372036854775808.0 && !given.is_written_as_fraction();
  }

  static Result<void> Texts(Json& current, const Json& given, const std::string& path) {
    Json texts = Json::List();
    if (!given.is_null()) {
      if (!given.is_array()) return WrongType(path, "list of strings");
      for (const Json& element : given.as_array()) {
        if (!element.is_string() && !element.is_null()) return WrongType(path, "list of strings");
        texts.Append(element.is_null() ? Json("") : element);
      }
    }
    current = std::move(texts);
    return {};
  }

  // The given length counts; an element is decoded over the one that was at its position.
  Result<void> Objects(Json& current, const Json& given, const Member& member, const std::string& path) {
    Json objects = Json::List();
    if (!given.is_null()) {
      if (!given.is_array()) return WrongType(path, "list of objects");
      for (std::size_t i = 0; i < given.as_array().size(); ++i) {
        const bool known = current.is_array() && i < current.as_array().size();
        Json element = known ? current.as_array()[i] : Zero(member.members);
        if (auto done = Object(element, given.as_array()[i], member.members, path); !done) return done;
        objects.Append(std::move(element));
      }
    }
    current = std::move(objects);
    return {};
  }

  static Json Zero(std::span<const Member> members) {
    Json zero = Json::Object();
    for (const Member& member : members) {
      switch (member.kind) {
        case Kind::kBool:
          zero[member.key] = false;
          break;
        case Kind::kInteger:
          zero[member.key] = 0;
          break;
        case Kind::kText:
          zero[member.key] = "";
          break;
        case Kind::kObject:
          zero[member.key] = Zero(member.members);
          break;
        case Kind::kTexts:
        case Kind::kObjects:
          zero[member.key] = Json::List();
          break;
      }
    }
    return zero;
  }

  UnknownKeys unknown_;
};

enum class Form { kStored, kPublic };

void AppendValue(std::string& out, const Json& value, const Member& member, Form form);

void AppendObject(std::string& out, const Json& object, std::span<const Member> members, Form form) {
  out += '{';
  const char* separator = "";
  const auto append_key = [&](std::string_view key) {
    out += separator;
    AppendJsonString(out, key);
    out += ':';
    separator = ",";
  };
  for (const Member& member : members) {
    const Json* value = object.Find(member.key);
    if (!value || (member.secret && form == Form::kPublic) ||
        (member.omitted_when_empty && value->is_string() && value->as_string().empty()))
      continue;
    append_key(member.key);
    AppendValue(out, *value, member, form);
  }
  if (object.is_object() && form == Form::kStored) {
    for (const auto& [key, value] : object.as_object()) {
      if (FindMember(members, key)) continue;
      append_key(key);
      value.AppendTo(out);
    }
  }
  out += '}';
}

void AppendValue(std::string& out, const Json& value, const Member& member, Form form) {
  if (member.kind == Kind::kObject) {
    AppendObject(out, value, member.members, form);
  } else if (member.kind == Kind::kObjects && value.is_array()) {
    out += '[';
    const char* separator = "";
    for (const Json& element : value.as_array()) {
      out += separator;
      AppendObject(out, element, member.members, form);
      separator = ",";
    }
    out += ']';
  } else {
    value.AppendTo(out);
  }
}

// A form's values are texts, or what was inferred from them; the first counts for a scalar.
Result<Json> FormValue(const Json& given, const Member& member) {
  if (member.kind == Kind::kObject || member.kind == Kind::kObjects) return given;
  if (member.kind == Kind::kTexts) {
    Json texts = Json::List();
    if (!given.is_array()) texts.Append(given.is_string() ? given : Json(given.Dump()));
    else
      for (const Json& element : given.as_array()) texts.Append(element.is_string() ? element : Json(element.Dump()));
    return texts;
  }
  const Json& first = given.is_array() && !given.as_array().empty() ? given.as_array().front() : given;
  const std::string text = first.is_string() ? first.as_string() : first.Dump();
  if (member.kind == Kind::kText) return Json(text);
  if (member.kind == Kind::kBool) {
    for (std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
      if (text == yes) return Json(true);
    for (std::string_view no : {"", "0", "f", "F", "FALSE", "false", "False"})
      if (text == no) return Json(false);
    return Fail("the form value at \"" + std::string(member.key) + "\" must be a bool", Error::Kind::kInvalidInput);
  }
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && (read.ec != std::errc() || read.ptr != text.data() + text.size()))
    return Fail("the form value at \"" + std::string(member.key) + "\" must be an int", Error::Kind::kInvalidInput);
  return Json(number);
}

Json RateLimitRule(std::string_view label, int duration, int max_requests) {
  return Json::Object({{"label", label}, {"audience", ""}, {"duration", duration}, {"maxRequests", max_requests}});
}

Json DefaultS3() {
  return Json::Object({{"enabled", false},
                       {"bucket", ""},
                       {"region", ""},
                       {"endpoint", ""},
                       {"accessKey", ""},
                       {"forcePathStyle", false}});
}

}  // namespace

std::span<const Member> Shape() { return kRoot; }

Json DefaultDocument() {
  Json document = Json::Object();
  document["superuserIPs"] = Json::List();
  document["smtp"] = Json::Object({{"enabled", false},
                                   {"port", 587},
                                   {"host", "smtp.example.com"},
                                   {"username", ""},
                                   {"password", ""},
                                   {"authMethod", ""},
                                   {"tls", false},
                                   {"localName", ""}});
  document["backups"] = Json::Object({{"cron", ""}, {"cronMaxKeep", 3}, {"s3", DefaultS3()}});
  document["s3"] = DefaultS3();
  document["meta"] = Json::Object({{"accentColor", "#1055c9"},
                                   {"appName", "Acme"},
                                   {"appURL", "http://localhost:8090"},
                                   {"senderName", "Support"},
                                   {"senderAddress", "support@example.com"},
                                   {"hideControls", false}});
  Json rules = Json::List();
  rules.Append(RateLimitRule("*:auth", 3, 2));
  rules.Append(RateLimitRule("*:create", 5, 20));
  rules.Append(RateLimitRule("/api/batch", 1, 3));
  rules.Append(RateLimitRule("/api/", 10, 300));
  document["rateLimits"] =
      Json::Object({{"rules", std::move(rules)}, {"excludedIPs", Json::List()}, {"enabled", false}});
  document["trustedProxy"] = Json::Object({{"headers", Json::List()}, {"useLeftmostIP", false}});
  document["batch"] = Json::Object({{"enabled", false}, {"maxRequests", 50}, {"timeout", 3}, {"maxBodySize", 0}});
  document["logs"] = Json::Object({{"maxDays", 5}, {"minLevel", 0}, {"logIP", true}, {"logAuthId", false}});
  return document;
}

Result<void> Overlay(Json& document, const Json& given, UnknownKeys unknown) {
  return Overlayer(unknown).Object(document, given, kRoot, "");
}

Result<Json> FromForm(const Json& form) {
  Json document = Json::Object();
  for (const auto& [key, value] : form.as_object()) {
    std::span<const Member> members = kRoot;
    Json* target = &document;
    const Member* member = nullptr;
    for (std::string_view step : Split(key, '.')) {
      member = FindMember(members, step);
      if (!member) break;
      target = &(*target)[member->key];
      members = member->members;
    }
    if (!member) continue;
    auto typed = FormValue(value, *member);
    if (!typed) return typed;
    *target = std::move(*typed);
  }
  return document;
}

std::string Write(const Json& document) {
  std::string out;
  AppendObject(out, document, kRoot, Form::kStored);
  return out;
}

std::string WritePublic(const Json& document) {
  std::string out;
  AppendObject(out, document, kRoot, Form::kPublic);
  return out;
}

}  // namespace wombat::settings
