#include "common/settings/shape.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>
#include <set>
#include <vector>

#include "common/base/json_text.h"
#include "common/base/text.h"

namespace wombat::settings {
namespace {

constexpr Member kSmtp[] = {
    {"enabled", Kind::kBool},  {"port", Kind::kInteger},    {"host", Kind::kText}, {"username", Kind::kText},
    {"password", Kind::kText}, {"authMethod", Kind::kText}, {"tls", Kind::kBool},  {"localName", Kind::kText},
};
constexpr Member kS3[] = {
    {"enabled", Kind::kBool},        {"bucket", Kind::kText},    {"region", Kind::kText},
    {"endpoint", Kind::kText},       {"accessKey", Kind::kText}, {"secret", Kind::kText, {}, true},
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

// A Json number has forgotten how it was written, and "5.0" is no integer here: this pass over the text collects the
// lower-case paths (list positions left out) of all numbers with a fraction or an exponent.
class FractionFinder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FractionFinder> {
 public:
  static std::set<std::string> Find(std::string_view text) {
    FractionFinder finder;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    reader.Parse<rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag>(stream, finder);
    return std::move(finder.found_);
  }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    path_.resize(starts_.empty() ? 0 : starts_.back());
    path_ += '.';
    path_ += AsciiLower({text, length});
    return true;
  }
  bool StartObject() {
    starts_.push_back(path_.size());
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    path_.resize(starts_.back());
    starts_.pop_back();
    return true;
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    if (std::string_view(text, length).find_first_of(".eE") != std::string_view::npos) found_.insert(path_);
    return true;
  }

 private:
  std::string path_;
  std::vector<std::size_t> starts_;  // for each open object: how long the path of the object itself is
  std::set<std::string> found_;
};

const Member* FindMember(std::span<const Member> members, std::string_view key) {
  for (const Member& member : members) {
    if (EqualsIgnoreCase(member.key, key)) return &member;
  }
  return nullptr;
}

class Overlayer {
 public:
  explicit Overlayer(std::set<std::string> fractions) : fractions_(std::move(fractions)) {}

  // The recursion is as deep as the shape, never as deep as the document.
  Result<void> Object(Json& current, const Json& given, std::span<const Member> members, const std::string& path) {
    if (given.is_null()) return {};
    if (!given.is_object()) return WrongType(path, "object");
    for (const auto& [key, value] : given.as_object()) {
      const Member* member = FindMember(members, key);
      if (!member) {
        current[key] = value;
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
        return Scalar(current, given, IsInteger(given, path), path, "int");
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

  bool IsInteger(const Json& given, const std::string& path) const {
    return given.is_number() && std::fabs(given.as_number()) < 9223372036854775808.0 && !fractions_.contains(path);
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

  std::set<std::string> fractions_;
};

void AppendValue(std::string& out, const Json& value, const Member& member);

void AppendObject(std::string& out, const Json& object, std::span<const Member> members) {
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
    if (!value || (member.omitted_when_empty && value->is_string() && value->as_string().empty())) continue;
    append_key(member.key);
    AppendValue(out, *value, member);
  }
  if (object.is_object()) {
    for (const auto& [key, value] : object.as_object()) {
      if (FindMember(members, key)) continue;
      append_key(key);
      value.AppendTo(out);
    }
  }
  out += '}';
}

void AppendValue(std::string& out, const Json& value, const Member& member) {
  if (member.kind == Kind::kObject) {
    AppendObject(out, value, member.members);
  } else if (member.kind == Kind::kObjects && value.is_array()) {
    out += '[';
    const char* separator = "";
    for (const Json& element : value.as_array()) {
      out += separator;
      AppendObject(out, element, member.members);
      separator = ",";
    }
    out += ']';
  } else {
    value.AppendTo(out);
  }
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

Result<void> Overlay(Json& document, std::string_view text) {
  auto given = ParseJson(text);
  if (!given) return Fail(given.error().message, Error::Kind::kInvalidInput);
  return Overlayer(FractionFinder::Find(text)).Object(document, *given, kRoot, "");
}

std::string Write(const Json& document) {
  std::string out;
  AppendObject(out, document, kRoot);
  return out;
}

}  // namespace wombat::settings
