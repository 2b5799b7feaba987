#include "common/storage/s3_xml.h"

#include <charconv>
#include <utility>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxReference = 12;      // "&#x0010FFFF;"

struct Named {
  std::string_view name;
  char text;
};
constexpr Named kNamed[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

bool AppendUtf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += char(0xC0 | code >> 6);
    out += char(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += char(0xE0 | code >> 12);
    out += char(0x80 | (code >> 6 & 63));
    out += char(0x80 | (code & 63));
  } else {
    out += char(0xF0 | code >> 18);
    out += char(0x80 | (code >> 12 & 63));
    out += char(0x80 | (code >> 6 & 63));
    out += char(0x80 | (code & 63));
  }
  return true;
}

// `text` begins with "&".
bool AppendReference(std::string& out, std::string_view& text) {
  const auto end = text.substr(0, kMaxReference).find(';');
  if (end == std::string_view::npos) return false;
  auto name = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  for (const auto& named : kNamed)
    if (name == named.name) return out += named.text, true;
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const int base = name.starts_with('x') ? 16 : 10;
  if (base == 16) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), code, base);
  return error == std::errc() && stop == name.data() + name.size() && AppendUtf8(out, code);
}

class Walker {
 public:
  using Ended = std::function<void(std::string_view, std::string, bool)>;
  Walker(std::string_view xml, const Ended& ended) : rest_(xml), ended_(ended) {}

  bool Walk() {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    while (!rest_.empty())
      if (!(rest_.front() == '<' ? Markup() : Text())) return false;
    return open_.empty() && seen_root_;
  }

 private:
  struct Element {
    std::size_t path_size;           // of the path before it
    bool has_children = false;
    std::string text;
  };

  bool Skip(std::string_view end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + end.size());
    return true;
  }

  bool Text() {
    if (rest_.front() == '&') return !open_.empty() && AppendReference(open_.back().text, rest_);
    const auto text = rest_.substr(0, rest_.find_first_of("<&"));
    if (!open_.empty()) open_.back().text += text;
    else if (!TrimBlanks(text).empty()) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  bool Markup() {
    if (rest_.starts_with("<?")) return Skip("?>");
    if (rest_.starts_with("<!--")) return Skip("-->");
    if (rest_.starts_with("<!")) return false;
    const auto end = rest_.find('>');
    if (end == std::string_view::npos) return false;
    auto tag = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (tag.starts_with('/')) return Close(LocalName(tag.substr(1)));
    const bool empty = tag.ends_with('/');
    if (empty) tag.remove_suffix(1);
    if (!Open(LocalName(tag))) return false;
    return !empty || Close(current_);
  }

  static std::string_view LocalName(std::string_view tag) {
    tag = tag.substr(0, tag.find_first_of(" \t\r\n"));
    const auto colon = tag.find(':');
    return colon == std::string_view::npos ? tag : tag.substr(colon + 1);
  }

  bool Open(std::string_view name) {
    if (name.empty() || open_.size() >= kMaxDepth || (open_.empty() && seen_root_)) return false;
    seen_root_ = true;
    if (!open_.empty()) open_.back().has_children = true;
    open_.push_back({path_.size(), false, {}});
    if (!path_.empty()) path_ += '/';
    path_ += name;
    current_ = name;
    return true;
  }

  bool Close(std::string_view name) {
    if (open_.empty()) return false;
    Element element = std::move(open_.back());
    const auto expected = std::string_view(path_).substr(element.path_size ? element.path_size + 1 : 0);
    if (name != expected) return false;
    ended_(path_, element.has_children ? std::string() : std::move(element.text), element.has_children);
    path_.resize(element.path_size);
    open_.pop_back();
    return true;
  }

  std::string_view rest_;
  const Ended& ended_;
  std::vector<Element> open_;
  std::string path_;
  std::string_view current_;
  bool seen_root_ = false;
};

}  // namespace

bool WalkXml(std::string_view xml, const std::function<void(std::string_view, std::string, bool)>& ended) {
  return Walker(xml, ended).Walk();
}

S3ErrorText ParseS3Error(std::string_view xml) {
  S3ErrorText error;
  const bool read = WalkXml(xml, [&](std::string_view path, std::string text, bool) {
    if (path == "Error/Code") error.code = std::move(text);
    else if (path == "Error/Message") error.message = std::move(text);
  });
  return read ? error : S3ErrorText();
}

std::optional<S3Listing> ParseS3Listing(std::string_view xml) {
  S3Listing listing;
  bool is_listing = false, truncated = false;
  const bool read = WalkXml(xml, [&](std::string_view path, std::string text, bool) {
    if (path == "ListBucketResult") is_listing = true;
    else if (path == "ListBucketResult/Contents/Key") listing.keys.push_back(std::move(text));
    else if (path == "ListBucketResult/CommonPrefixes/Prefix") listing.folders.push_back(std::move(text));
    else if (path == "ListBucketResult/IsTruncated") truncated = text == "true";
    else if (path == "ListBucketResult/NextContinuationToken") listing.continuation = std::move(text);
  });
  if (!read || !is_listing) return std::nullopt;
  if (!truncated) listing.continuation.clear();
  return listing;
}

std::optional<std::string> ParseUploadId(std::string_view xml) {
  std::string id;
  const bool read = WalkXml(xml, [&](std::string_view path, std::string text, bool) {
    if (path == "InitiateMultipartUploadResult/UploadId") id = std::move(text);
  });
  if (!read || id.empty()) return std::nullopt;
  return id;
}

std::optional<std::vector<UnfinishedUpload>> ParseUnfinishedUploads(std::string_view xml) {
  std::vector<UnfinishedUpload> uploads;
  UnfinishedUpload next;
  bool is_listing = false;
  const bool read = WalkXml(xml, [&](std::string_view path, std::string text, bool) {
    if (path == "ListMultipartUploadsResult") is_listing = true;
    else if (path == "ListMultipartUploadsResult/Upload/Key") next.key = std::move(text);
    else if (path == "ListMultipartUploadsResult/Upload/UploadId") next.id = std::move(text);
    else if (path == "ListMultipartUploadsResult/Upload") uploads.push_back(std::exchange(next, {}));
  });
  if (!read || !is_listing) return std::nullopt;
  return uploads;
}

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const Named* found = nullptr;
    for (const auto& named : kNamed)
      if (c == named.text) found = &named;
    if (found) escaped.append("&").append(found->name).append(";");
    else if (static_cast<unsigned char>(c) < 32) escaped.append("&#").append(std::to_string(int(c))).append(";");
    else escaped += c;
  }
  return escaped;
}

}  // namespace wombat
