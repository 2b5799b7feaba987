#include "worker/http/client_ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  int size = 0;  // 4 or 16
};

std::optional<Address> ParseAddress(std::string_view text) {
  if (text.empty() || text.size() > 64) return std::nullopt;
  // A zone names an interface of one machine and is no part of the address.
  if (text.find(':') != std::string_view::npos) text = text.substr(0, text.find('%'));
  const std::string copy(text);
  Address address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1)
    address.size = 4;
  else if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1)
    address.size = 16;
  else
    return std::nullopt;
  return address;
}

std::string Dotted(const std::uint8_t* bytes) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) text.push_back('.');
    text += std::to_string(bytes[i]);
  }
  return text;
}

std::string Expanded(const std::array<std::uint8_t, 16>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(39);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 2 == 0) text.push_back(':');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

struct Range {
  Address address;
  int prefix = 0;
};

std::optional<Range> ParseRange(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = ParseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  Range range{*address, address->size * 8};
  if (slash == std::string_view::npos) return range;
  const auto digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), range.prefix);
  const bool padded = digits.size() > 1 && digits[0] == '0';
  if (error != std::errc() || end != digits.data() + digits.size() || padded || digits[0] == '-') return std::nullopt;
  if (range.prefix > address->size * 8) return std::nullopt;
  return range;
}

bool InRange(const Range& range, const Address& address) {
  if (range.address.size != address.size) return false;
  const int whole = range.prefix / 8, bits = range.prefix % 8;
  if (std::memcmp(range.address.bytes.data(), address.bytes.data(), static_cast<std::size_t>(whole)) != 0) return false;
  if (bits == 0) return true;
  const auto at = static_cast<std::size_t>(whole);
  return ((range.address.bytes[at] ^ address.bytes[at]) >> (8 - bits)) == 0;
}

std::string PickIp(std::string_view list, bool leftmost) {
  auto pieces = Split(list, ',');
  if (!leftmost) std::reverse(pieces.begin(), pieces.end());
  for (const auto piece : pieces)
    if (auto ip = NormalizeIp(TrimBlanks(piece)); !ip.empty()) return ip;
  return {};
}

}  // namespace

std::string FormatRemoteIp(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, bytes.size());
    return Dotted(bytes.data());
  }
  if (peer.ss_family != AF_INET6) return "invalid IP";
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, bytes.size());
  const bool mapped = std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
  return mapped ? Dotted(bytes.data() + kMappedPrefix.size()) : Expanded(bytes);
}

std::string NormalizeIp(std::string_view text) {
  const auto address = ParseAddress(text);
  if (!address) return {};
  return address->size == 4 ? Dotted(address->bytes.data()) : Expanded(address->bytes);
}

std::string RealIp(const HttpRequest& request, std::span<const std::string> trusted_headers, bool use_leftmost) {
  for (const auto& name : trusted_headers) {
    const auto last = std::find_if(request.headers.rbegin(), request.headers.rend(),
                                   [&](const HeaderView& header) { return EqualsIgnoreCase(header.name, name); });
    if (last == request.headers.rend()) continue;
    if (auto ip = PickIp(last->value, use_leftmost); !ip.empty()) return ip;
  }
  return request.remote_ip;
}

bool IpListContains(std::span<const std::string> list, std::string_view ip) {
  const auto address = ParseAddress(ip);
  if (!address) return false;
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
    const auto range = ParseRange(entry);
    return range && InRange(*range, *address);
  });
}

bool IsIpOrRange(std::string_view text) { return ParseRange(text).has_value(); }

}  // namespace wombat
