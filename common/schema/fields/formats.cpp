#include "common/schema/fields/formats.h"

#include <arpa/inet.h>
#include <re2/re2.h>

#include "common/base/json_text.h"
#include "common/base/text.h"

namespace wombat {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// ---- e-mail

const re2::RE2& EmailExpression() {
  static const re2::RE2 expression([] {
    const std::string wide = R"(\x{a0}-\x{d7ff}\x{f900}-\x{fdcf}\x{fdf0}-\x{ffef})";
    const std::string atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~" + wide + "-]+";
    // The reference repeats the opening quote with each character, so "a"b" is accepted and "ab" is not.
    const std::string blanks = R"((?:(?:[ \t]*\r\n)?[ \t]+)?)";
    const std::string quoted_character =
        R"((?:[\x01-\x08\x0b\x0c\x0e-\x1f\x7f!\x23-\x5b\x5d-\x7e)" + wide + R"(]|\([\x01-\x09\x0b-\x7f]))";
    const std::string quoted = "(?:\"" + blanks + quoted_character + ")*" + blanks + "\"";
    const std::string edge = "[A-Za-z0-9" + wide + "]";
    const std::string last_edge = "[A-Za-z" + wide + "]";
    const std::string inner = "[A-Za-z0-9._~" + wide + "-]*";
    const std::string last_inner = "[A-Za-z0-9_~" + wide + "-]*";
    return "(?:" + atom + "(?:\\." + atom + ")*|" + quoted + ")@(?:" + edge + "(?:" + inner + edge + ")?\\.)+" +
           last_edge + "(?:" + last_inner + last_edge + ")?\\.?";
  }());
  return expression;
}

// ---- web address

constexpr std::size_t kMinAddressBytes = 4;
constexpr std::size_t kMaxAddressCharacters = 2082;

// One capture: what stands between the brackets of an IPv6 host.
const re2::RE2& AddressExpression() {
  static const re2::RE2 expression([] {
    const std::string octet = R"((?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5]))";
    const std::string ipv4 = R"((?:[1-9]\d?|1\d\d|2[014]\d|22[0-3]|25[0-5])(?:\.)" + octet + "){3}";
    const std::string run = "[A-Za-z0-9]+";
    const std::string head = "(?:[A-Za-z0-9][A-Za-z0-9_-]*[A-Za-z0-9](?:[.-]" + run + ")*" +  // sub.domain
                             R"(|www\.)" +                                                    // alone in front
                             "|" + run + "(?:[_.-]?[A-Za-z0-9])*[A-Za-z0-9]\\." + run + ")";  // b.aa.c
    const std::string core_run = R"([A-Za-z0-9\x{a1}-\x{ffff}]+)";
    const std::string core = "(?:" + core_run + "-{0,2})*" + core_run;
    const std::string top = R"((?:\.[A-Za-z\x{a1}-\x{ffff}]+)?)";
    const std::string host = "(?:" + ipv4 + R"(|\[([^\]\s]*)\]|)" + head + "?" + core + top + ")";
    return R"((?:(?:https?|ftp|tcp|udp|wss?)://)?(?:\S+(?::\S*)?@)?)" + host + R"(\.?(?::\d{1,5})?(?:[/?#]\S*)?)";
  }());
  return expression;
}

bool IsIpv6(const std::string& text) {
  // An IPv4 tail may only follow a mapping prefix or a "::".
  static const re2::RE2 with_ipv4(R"((?i)(?:::(?:ffff(?::0{1,4})?:)?|(?:[0-9a-f]{1,4}:){1,4}:)[\d.]+)");
  if (text.find('.') != std::string::npos && !re2::RE2::FullMatch(text, with_ipv4)) return false;
  in6_addr address;
  if (inet_pton(AF_INET6, text.c_str(), &address) == 1) return true;
  static const re2::RE2 link_local(R"((?i)fe80:(?::[0-9a-f]{0,4}){0,4}%[0-9a-z]+)");
  return re2::RE2::FullMatch(text, link_local);
}

bool HasGoodEscapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

std::string Unescape(std::string_view text) {
  std::string out;
  return PercentDecode(text, false, out) ? out : std::string(text);
}

bool IsOptionalPort(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() != ':') return false;
  for (char c : text.substr(1)) {
    if (!IsDigit(c)) return false;
  }
  return true;
}

bool IsHostText(std::string_view host) {
  static constexpr std::string_view kMarks = "-_.~!$&'()*+,;=:[]<>\"%";
  if (!HasGoodEscapes(host)) return false;
  for (std::size_t i = 0; i < host.size(); ++i) {
    const char c = host[i];
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (ascii && !IsAlpha(c) && !IsDigit(c) && kMarks.find(c) == std::string_view::npos) return false;
    // Only what is beyond ASCII may be escaped, and the "%" itself.
    if (c == '%' && host[i + 1] < '8' && host.substr(i, 3) != "%25") return false;
  }
  return true;
}

bool IsUserText(std::string_view user) {
  static constexpr std::string_view kMarks = "-._:~!$&'()*+,;=%@";
  for (char c : user) {
    if (!IsAlpha(c) && !IsDigit(c) && kMarks.find(c) == std::string_view::npos) return false;
  }
  return HasGoodEscapes(user);
}

struct Url {
  std::string host;  // with its port
  std::string path;
};

// "user:pass@host:port"; the host goes to `out`.
bool ReadAuthority(std::string_view authority, std::string& out) {
  std::string_view host = authority;
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    if (!IsUserText(authority.substr(0, at))) return false;
    host = authority.substr(at + 1);
  }
  if (host.starts_with('[')) {
    const std::size_t end = host.rfind(']');
    if (end == std::string_view::npos || !IsOptionalPort(host.substr(end + 1))) return false;
  } else if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    if (!IsOptionalPort(host.substr(colon))) return false;
  }
  if (!IsHostText(host)) return false;
  out = Unescape(host);
  return true;
}

// Splits the scheme off. False: a colon without anything in front.
bool TakeScheme(std::string_view& text, std::string_view& scheme) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsAlpha(c)) continue;
    if (c == ':') {
      if (i == 0) return false;
      scheme = text.substr(0, i);
      text.remove_prefix(i + 1);
      return true;
    }
    const bool later = IsDigit(c) || c == '+' || c == '-' || c == '.';
    if (!later || i == 0) return true;
  }
  return true;
}

// The generic syntax of URLs as the reference's library reads it.
std::optional<Url> ReadUrl(std::string_view text) {
  for (unsigned char c : text) {
    if (c < 0x20 || c == 0x7f) return std::nullopt;
  }
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    if (!HasGoodEscapes(text.substr(hash + 1))) return std::nullopt;
    text = text.substr(0, hash);
  }
  Url url;
  std::string_view scheme;
  if (!TakeScheme(text, scheme)) return std::nullopt;
  text = text.substr(0, text.find('?'));
  if (!text.starts_with('/')) {
    if (!scheme.empty()) return url;  // opaque, like mailto:
    if (text.substr(0, text.find('/')).find(':') != std::string_view::npos) return std::nullopt;
  }
  if ((!scheme.empty() || !text.starts_with("///")) && text.starts_with("//")) {
    const std::string_view authority = text.substr(2, text.find('/', 2) - 2);
    if (!ReadAuthority(authority, url.host)) return std::nullopt;
    text.remove_prefix(2 + authority.size());
  }
  if (!HasGoodEscapes(text)) return std::nullopt;
  url.path = Unescape(text);
  return url;
}

}  // namespace

bool IsEmailAddress(std::string_view text) { return re2::RE2::FullMatch(Piece(text), EmailExpression()); }

std::optional<std::string> WebAddressHost(std::string_view text) {
  if (text.size() < kMinAddressBytes || CountCodePoints(text) > kMaxAddressCharacters || text.starts_with('.')) {
    return std::nullopt;
  }
  // A colon without a scheme is taken for a port, so the generic syntax is checked as if a scheme were there.
  const bool only_port = text.find(':') != std::string_view::npos && text.find("://") == std::string_view::npos;
  const std::optional<Url> url = ReadUrl(only_port ? "http://" + std::string(text) : std::string(text));
  if (!url || url->host.starts_with('.')) return std::nullopt;
  if (url->host.empty() && !url->path.empty() && url->path.find('.') == std::string::npos) return std::nullopt;
  re2::StringPiece ipv6;
  if (!re2::RE2::FullMatch(Piece(text), AddressExpression(), &ipv6)) return std::nullopt;
  if (ipv6.data() && !IsIpv6(std::string(ipv6))) return std::nullopt;
  const std::optional<Url> plain = only_port ? ReadUrl(text) : url;
  return plain ? plain->host : std::string();
}

}  // namespace wombat
