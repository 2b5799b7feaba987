#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "common/base/json.h"
#include "common/base/json_text.h"

namespace wombat {
namespace {

// Builds the value bottom up; containers that are still open wait in `open_`.
class TreeBuilder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TreeBuilder> {
 public:
  explicit TreeBuilder(bool sanitize) : sanitize_(sanitize) {}

  bool Null() { return Add(Json()); }
  bool Bool(bool value) { return Add(Json(value)); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    const std::optional<double> number = ReadNumber({text, length});
    if (!number) return FailWith("number out of range");
    const bool is_fraction = std::string_view(text, length).find_first_of(".eE") != std::string_view::npos;
    return Add(is_fraction ? Json::FractionText(*number) : Json(*number));
  }
  bool String(const char* text, rapidjson::SizeType length, bool) { return Add(Json(Text({text, length}))); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    open_.back().key = Text({text, length});
    return true;
  }
  bool StartObject() { return Open(Json::Object()); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool StartArray() { return Open(Json::List()); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

  Json& root() { return root_; }
  const std::string& error() const { return error_; }

 private:
  struct OpenContainer {
    Json container;
    std::string key;  // of the member whose value comes next
  };

  // The reader has checked the grammar; only the range is left. Too small is zero, too large an error.
  static std::optional<double> ReadNumber(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc()) return value;
    const std::string copy(text);
    value = std::strtod(copy.c_str(), nullptr);
    if (value > 1 || value < -1) return std::nullopt;
    return value;
  }

  std::string Text(std::string_view text) const { return sanitize_ ? SanitizeUtf8(text) : std::string(text); }

  bool FailWith(const char* message) {
    error_ = message;
    return false;
  }

  bool Add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (OpenContainer& parent = open_.back(); parent.container.is_array()) {
      parent.container.as_array().push_back(std::move(value));
    } else {
      parent.container.as_object().insert_or_assign(std::move(parent.key), std::move(value));
    }
    return true;
  }

  bool Open(Json container) {
    if (open_.size() >= std::size_t(kMaxJsonDepth)) return FailWith("exceeded max depth");
    open_.push_back({std::move(container), {}});
    return true;
  }

  bool Close() {
    Json closed = std::move(open_.back().container);
    open_.pop_back();
    return Add(std::move(closed));
  }

  bool sanitize_;
  Json root_;
  std::vector<OpenContainer> open_;
  std::string error_;
};

std::optional<unsigned> HexUnit(std::string_view text) {
  unsigned unit = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, unit, 16);
  if (error != std::errc() || end != text.data() + 4) return std::nullopt;
  return unit;
}

bool IsHighSurrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Offsets of escapes that are half of a surrogate pair. The reader refuses them, the reference reads them as U+FFFD.
// Backslashes are legal inside strings only, so pairing them up needs no look at the quotes.
std::vector<std::size_t> LoneSurrogates(std::string_view text) {
  std::vector<std::size_t> found;
  for (std::size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
    const bool is_unicode = at + 1 < text.size() && text[at + 1] == 'u';
    const std::optional<unsigned> unit = is_unicode ? HexUnit(text.substr(at + 2)) : std::nullopt;
    if (!unit) {
      at += 2;
      continue;
    }
    if (IsHighSurrogate(*unit) && text.substr(at + 6, 2) == "\\u") {
      if (const auto next = HexUnit(text.substr(at + 8)); next && IsLowSurrogate(*next)) {
        at += 12;
        continue;
      }
    }
    if (IsHighSurrogate(*unit) || IsLowSurrogate(*unit)) found.push_back(at);
    at += 6;
  }
  return found;
}

}  // namespace

std::expected<Json, JsonParseError> ParseJson(std::string_view text, bool trailing_is_error) {
  std::string repaired;
  if (text.find("\\u") != text.npos) {
    if (const auto lone = LoneSurrogates(text); !lone.empty()) {
      repaired = text;
      for (const std::size_t at : lone) repaired.replace(at, 6, "\\ufffd");
      text = repaired;
    }
  }
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  TreeBuilder builder(!IsUtf8(text));
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  const rapidjson::ParseResult result = trailing_is_error
                                            ? reader.Parse<kFlags>(stream, builder)
                                            : reader.Parse<kFlags | rapidjson::kParseStopWhenDoneFlag>(stream, builder);
  if (result.IsError()) {
    std::string message = builder.error().empty() ? rapidjson::GetParseError_En(result.Code()) : builder.error();
    return std::unexpected(JsonParseError{result.Offset(), std::move(message)});
  }
  // The reader takes a NUL byte for the end of its input.
  if (trailing_is_error && stream.Tell() != text.size()) {
    return std::unexpected(JsonParseError{stream.Tell(), "unexpected NUL byte after the value"});
  }
  return std::move(builder.root());
}

}  // namespace wombat
