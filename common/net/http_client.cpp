#include "common/net/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "common/net/curl_library.h"

namespace wombat {
namespace {

struct Body {
  std::string text;
  std::size_t limit;
};

std::size_t Receive(char* data, std::size_t, std::size_t size, void* to) {
  auto& body = *static_cast<Body*>(to);
  if (size > body.limit - body.text.size()) return CURL_WRITEFUNC_ERROR;
  body.text.append(data, size);
  return size;
}

bool IsPublic(std::uint32_t address) {  // host byte order
  const auto within = [address](std::uint32_t network, int bits) { return (address ^ network) >> (32 - bits) == 0; };
  return !within(0x00000000, 8) && !within(0x0a000000, 8) && !within(0x64400000, 10) && !within(0x7f000000, 8) &&
         !within(0xa9fe0000, 16) && !within(0xac100000, 12) && !within(0xc0000000, 24) && !within(0xc0a80000, 16) &&
         !within(0xc6120000, 15) && !within(0xe0000000, 3);
}

// The IPv4 address that an IPv6 one carries (mapped, compatible, NAT64, 6to4), if it carries one.
bool Carries(const in6_addr& address, std::uint32_t& inner) {
  constexpr unsigned char kNat64[12] = {0x00, 0x64, 0xff, 0x9b};
  const auto at = [&address](int offset) {
    std::uint32_t value;
    std::memcpy(&value, address.s6_addr + offset, sizeof value);
    return ntohl(value);
  };
  if (IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address) ||
      std::memcmp(address.s6_addr, kNat64, sizeof kNat64) == 0) {
    inner = at(12);
    return true;
  }
  if (address.s6_addr[0] == 0x20 && address.s6_addr[1] == 0x02) {
    inner = at(2);
    return true;
  }
  return false;
}

// Networks that hand packets on to IPv4 addresses of their own choice (RFC 8215).
bool IsLocalTranslation(const in6_addr& address) {
  constexpr unsigned char kPrefix[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
  return std::memcmp(address.s6_addr, kPrefix, sizeof kPrefix) == 0;
}

bool IsPublic(const in6_addr& address) {
  if (std::uint32_t inner; Carries(address, inner)) return IsPublic(inner);
  return !IsLocalTranslation(address) && !IN6_IS_ADDR_UNSPECIFIED(&address) && !IN6_IS_ADDR_LOOPBACK(&address) &&
         !IN6_IS_ADDR_LINKLOCAL(&address) && !IN6_IS_ADDR_SITELOCAL(&address) && !IN6_IS_ADDR_MULTICAST(&address) && (address.s6_addr[0] & 0xfe) != 0xfc;
}

// Called with the address that curl is about to connect to.
curl_socket_t OpenPublicOnly(void* data, curlsocktype purpose, struct curl_sockaddr* address) {
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  const auto& request = *static_cast<const OutgoingRequest*>(data);
  bool allowed = false;
  if (address->family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address->addr, sizeof v4);
    in_addr exempt;
    allowed = IsPublic(ntohl(v4.sin_addr.s_addr)) ||
              (::inet_pton(AF_INET, request.TEST_public_address.c_str(), &exempt) == 1 && exempt.s_addr == v4.sin_addr.s_addr);
  } else if (address->family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address->addr, sizeof v6);
    allowed = IsPublic(v6.sin6_addr);
  }
  if (!allowed) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// A line break would begin another header, or a request.
bool IsOneLine(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

}  // namespace

bool IsPublicAddress(std::string_view address) {
  const std::string text(address);
  in_addr v4;
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return IsPublic(ntohl(v4.s_addr));
  in6_addr v6;
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IsPublic(v6);
}

Result<IncomingResponse> SendHttp(const OutgoingRequest& request) {
  if (request.url.empty() || !IsOneLine(request.url) || !std::ranges::all_of(request.headers, IsOneLine))
    return Fail("the request cannot be sent", Error::Kind::kInvalidInput);
  auto handle = CurlHandle::Make();
  if (!handle) return std::unexpected(handle.error());
  CurlList headers(handle->library());
  for (const std::string& line : request.headers) headers.Add(line);
  // No "Expect: 100-continue": bodies are small, and some servers never answer it.
  headers.Add("Expect:");

  Body body{{}, request.max_body};
  handle->Set(CURLOPT_URL, request.url.c_str());
  if (request.method == "POST") {
    handle->Set(CURLOPT_POST, 1L);
    handle->Set(CURLOPT_POSTFIELDS, request.body.data());
    handle->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else if (request.method != "GET") {
    handle->Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (!request.body.empty()) {
      handle->Set(CURLOPT_POSTFIELDS, request.body.data());
      handle->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
  }
  handle->Set(CURLOPT_HTTPHEADER, headers.get());
  handle->Set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  handle->Set(CURLOPT_FOLLOWLOCATION, request.max_redirects > 0 ? 1L : 0L);
  handle->Set(CURLOPT_MAXREDIRS, static_cast<long>(request.max_redirects));
  handle->Set(CURLOPT_ACCEPT_ENCODING, "");
  handle->Set(CURLOPT_WRITEFUNCTION, &Receive);
  handle->Set(CURLOPT_WRITEDATA, &body);
  if (request.public_addresses_only) {
    handle->Set(CURLOPT_OPENSOCKETFUNCTION, &OpenPublicOnly);
    handle->Set(CURLOPT_OPENSOCKETDATA, &request);
    handle->Set(CURLOPT_PROXY, "");
  }
  const CURLcode code = handle->Perform();
  if (code != CURLE_OK) return Fail(handle->Why(code));

  IncomingResponse response;
  long status = 0;
  const char *type = nullptr, *url = nullptr;
  handle->library().easy_getinfo(handle->get(), CURLINFO_RESPONSE_CODE, &status);
  handle->library().easy_getinfo(handle->get(), CURLINFO_CONTENT_TYPE, &type);
  handle->library().easy_getinfo(handle->get(), CURLINFO_EFFECTIVE_URL, &url);
  response.status = static_cast<int>(status);
  response.content_type = type ? type : "";
  response.url = url ? url : "";
  response.body = std::move(body.text);
  return response;
}

}  // namespace wombat
