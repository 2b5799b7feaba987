// Text with a structure: dialects of XML, JSON, tables.
#include <array>
#include <vector>

#include "common/base/text.h"
#include "common/storage/mime_parts.h"

namespace wombat::mime {
namespace {

using namespace std::string_view_literals;

struct Dialect {
  std::string_view element;    // "" any
  std::string_view name_space; // "" any
  Type type;
};
constexpr Dialect kDialects[] = {
    {"<rss", "", {"application/rss+xml", ".rss"}},
    {"<feed", "http://www.w3.org/2005/Atom", {"application/atom+xml", ".atom"}},
    {"<X3D", "http://www.w3.org/2001/XMLSchema-instance", {"model/x3d+xml", ".x3d"}},
    {"<kml", "http://www.opengis.net/kml/", {"application/vnd.google-earth.kml+xml", ".kml"}},
    {"<kml", "http://earth.google.com/kml/", {"application/vnd.google-earth.kml+xml", ".kml"}},
    {"<xliff", "urn:oasis:names:tc:xliff:document:", {"application/x-xliff+xml", ".xlf"}},
    {"<COLLADA", "http://www.collada.org/2005/11/COLLADASchema", {"model/vnd.collada+xml", ".dae"}},
    {"", "xmlns:gml=\"http://www.opengis.net/gml", {"application/gml+xml", ".gml"}},
    {"<gpx", "http://www.topografix.com/GPX/1/1", {"application/gpx+xml", ".gpx"}},
    {"<TrainingCenterDatabase", "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2",
     {"application/vnd.garmin.tcx+xml", ".tcx"}},
    {"<amf", "", {"application/x-amf", ".amf"}},
    {"<model", "http://schemas.microsoft.com/3dmanufacturing/core/2015/02",
     {"application/vnd.ms-package.3dmanufacturing-3dmodel+xml", ".3mf"}},
    {"<xfdf", "http://ns.adobe.com/xfdf/", {"application/vnd.adobe.xfdf", ".xfdf"}},
    {"<Ontology", "http://www.w3.org/2002/07/owl#", {"application/owl+xml", ".owl"}},
    {"<html", "http://www.w3.org/1999/xhtml", {"application/xhtml+xml", ".html"}},
};

std::string_view WithoutBlanks(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\n\r\f");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// Behind whatever may stand before the root element.
std::string_view RootOf(std::string_view text) {
  for (;;) {
    text = WithoutBlanks(text);
    const auto end = text.starts_with("<!--") ? "-->"sv : text.starts_with("<?") ? "?>"sv : text.starts_with("<!") ? ">"sv : ""sv;
    if (end.empty()) return text;
    const auto at = text.find(end);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + end.size());
  }
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Reads JSON without building it, as leniently as sniffing should: a cut or slightly wrong document is still JSON. Nesting
// costs an element of a vector, and the text is short.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  enum class End { kComplete, kCut, kWrong };
  // Reads one value. What follows it is left (rest()).
  End Run() {
    for (;;) {
      SkipBlanks();
      if (at_ == text_.size()) return stack_.empty() && done_ ? End::kComplete : End::kCut;
      if (stack_.empty() && done_) return End::kComplete;
      if (const auto end = Token()) return *end;
    }
  }
  std::string_view rest() const { return text_.substr(at_); }
  bool is_container() const { return container_; }
  // Members of the document and of its first objects, as "key" and "key.key": for the dialects.
  bool Has(std::string_view path) const {
    for (const auto& seen : paths_)
      if (seen == path) return true;
    return false;
  }
  std::string_view type() const { return type_; }
  std::string_view version() const { return version_; }

 private:
  std::optional<End> Token() {
    const char c = text_[at_];
    if (!stack_.empty() && (c == '}' || c == ']')) {
      if ((stack_.back() == '{') != (c == '}')) return End::kWrong;
      ++at_;
      stack_.pop_back();
      if (keys_.size() > stack_.size()) keys_.resize(stack_.size());
      return Valued();
    }
    if (!stack_.empty() && after_value_) {
      if (c != ',') return End::kWrong;
      ++at_;
      after_value_ = false;
      return std::nullopt;
    }
    if (!stack_.empty() && stack_.back() == '{') {
      if (const auto end = Key()) return end;
      SkipBlanks();
      if (at_ == text_.size()) return End::kCut;
    }
    return Value();
  }
  std::optional<End> Key() {
    if (text_[at_] != '"') return End::kWrong;
    std::string_view key;
    if (const auto end = String(key)) return end;
    SkipBlanks();
    if (at_ == text_.size()) return End::kCut;
    if (text_[at_] != ':') return End::kWrong;
    ++at_;
    keys_.resize(stack_.size() - 1);
    keys_.emplace_back(key);
    if (keys_.size() == 1) paths_.emplace_back(key);
    if (keys_.size() == 2 && stack_[0] == '{') paths_.push_back(std::string(keys_[0]) + "." + std::string(key));
    return std::nullopt;
  }
  std::optional<End> Value() {
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      if (stack_.empty()) container_ = true;
      stack_.push_back(c);
      ++at_;
      after_value_ = false;
      return std::nullopt;
    }
    if (c == '"') {
      std::string_view value;
      if (const auto end = String(value)) return end;
      if (keys_.size() == 1 && stack_.size() == 1 && keys_[0] == "type") type_ = value;
      if (keys_.size() == 2 && keys_[0] == "asset" && keys_[1] == "version") version_ = value;
      return Valued();
    }
    for (const auto word : {"true"sv, "false"sv, "null"sv}) {
      const auto here = text_.substr(at_, word.size());
      if (here == word) return at_ += word.size(), Valued();
      if (!here.empty() && at_ + here.size() == text_.size() && word.starts_with(here)) return End::kCut;
    }
    const auto digits = text_.find_first_not_of("0123456789+-.eE", at_);
    const auto end = digits == std::string_view::npos ? text_.size() : digits;
    if (end == at_ || (c != '-' && (c < '0' || c > '9'))) return End::kWrong;
    at_ = end;
    return Valued();
  }
  std::optional<End> String(std::string_view& value) {
    const auto start = ++at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        value = text_.substr(start, at_ - start);
        ++at_;
        return std::nullopt;
      }
      if (text_[at_] != '\\') continue;
      if (++at_ == text_.size()) return End::kCut;
      if (!Contains("\"\\/bfnrtu", text_.substr(at_, 1))) return End::kWrong;
    }
    return End::kCut;
  }
  std::optional<End> Valued() {
    after_value_ = true;
    done_ = stack_.empty();
    return std::nullopt;
  }
  void SkipBlanks() {
    while (at_ < text_.size() && Contains(" \t\r\n", text_.substr(at_, 1))) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<char> stack_;
  std::vector<std::string_view> keys_;
  std::vector<std::string> paths_;
  std::string_view type_, version_;
  bool after_value_ = false, done_ = false, container_ = false;
};

std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// The last line of a text that goes on is not whole.
std::string_view WithoutCutLine(std::string_view text, bool truncated) {
  return truncated ? text.substr(0, text.rfind('\n') + 1) : text;
}

bool IsJsonLines(std::string_view text, bool truncated) {
  text = WithoutCutLine(text, truncated);
  int lines = 0;
  bool container = false;
  while (!text.empty()) {
    const auto line = TrimBlanks(TakeLine(text));
    if (line.empty()) continue;
    JsonScanner scanner(line);
    const auto end = scanner.Run();
    if (end == JsonScanner::End::kWrong || !scanner.rest().empty()) return false;
    container = container || scanner.is_container();
    ++lines;
  }
  return lines > 1 && container;
}

// One record of comma separated values with lazy quotes. False: the end.
bool TakeRecord(std::string_view& text, char comma, std::size_t& fields) {
  while (!text.empty()) {
    if (text[0] == '\n' || text.starts_with("\r\n")) {
      text.remove_prefix(text[0] == '\n' ? 1 : 2);
    } else if (text[0] == '#') {
      TakeLine(text);
    } else {
      break;
    }
  }
  if (text.empty()) return false;
  fields = 1;
  bool quoted = text[0] == '"', at_start = true;
  std::size_t at = quoted ? 1 : 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      const char next = at + 1 < text.size() ? text[at + 1] : '\n';
      if (c == '"' && (next == comma || next == '\n' || next == '\r')) quoted = false;
    } else if (c == comma) {
      ++fields;
      at_start = true;
      continue;
    } else if (c == '\n') {
      break;
    } else if (c == '"' && at_start) {
      quoted = true;
    }
    at_start = false;
  }
  text.remove_prefix(std::min(text.size(), at + 1));
  return true;
}

bool IsTable(std::string_view text, char comma, bool truncated) {
  text = WithoutCutLine(text, truncated);
  std::size_t expected = 0, fields = 0, records = 0;
  while (TakeRecord(text, comma, fields)) {
    if (records == 0) expected = fields;
    if (fields != expected) return false;
    ++records;
  }
  return records > 1 && expected > 1;
}

}  // namespace

bool IsSvgWithoutDeclaration(std::string_view text) {
  text = WithoutBlanks(text);
  if (!text.starts_with("<svg")) return false;
  const auto tag = text.substr(0, text.find('>'));
  return Contains(tag, "xmlns=\"http://www.w3.org/2000/svg\"") || Contains(tag, "xmlns='http://www.w3.org/2000/svg'");
}

std::optional<Type> SniffXmlDialect(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (RootOf(text).starts_with("<svg")) return Type{"image/svg+xml", ".svg"};
  for (const auto& dialect : kDialects)
    if (Contains(text, dialect.element) && Contains(text, dialect.name_space)) return dialect.type;
  return std::nullopt;
}

std::optional<Type> SniffJson(std::string_view text, bool truncated) {
  JsonScanner scanner(text);
  const auto end = scanner.Run();
  const bool whole = end == JsonScanner::End::kComplete && TrimBlanks(scanner.rest()).empty();
  if (!scanner.is_container() || !(whole || (truncated && end == JsonScanner::End::kCut))) {
    if (IsJsonLines(text, truncated)) return Type{"application/x-ndjson", ".ndjson"};
    return std::nullopt;
  }
  for (const auto shape : {"Feature"sv, "FeatureCollection"sv, "Point"sv, "LineString"sv, "Polygon"sv, "MultiPoint"sv,
                           "MultiLineString"sv, "MultiPolygon"sv, "GeometryCollection"sv})
    if (scanner.type() == shape) return Type{"application/geo+json", ".geojson"};
  if (scanner.Has("log.entries")) return Type{"application/json", ".har"};
  if (scanner.version() == "1.0" || scanner.version() == "2.0") return Type{"model/gltf+json", ".gltf"};
  return Type{"application/json", ".json"};
}

std::optional<Type> SniffTable(std::string_view text, bool truncated) {
  if (IsTable(text, ',', truncated)) return Type{"text/csv", ".csv"};
  if (IsTable(text, '\t', truncated)) return Type{"text/tab-separated-values", ".tsv"};
  return std::nullopt;
}

}  // namespace wombat::mime
