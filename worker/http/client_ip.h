// Who is asking: addresses as text, behind proxies, and in lists.                         Behaviour: spec 01 §1.10.
#pragma once

#include <sys/socket.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/http.h"

namespace wombat {

// IPv4 dotted (also an IPv4-mapped peer), IPv6 fully expanded, "invalid IP" for other families.
std::string FormatRemoteIp(const sockaddr_storage& peer);

// `text` in the same form; "" when it is no address.
std::string NormalizeIp(std::string_view text);

// The address that the trusted headers name: the last line of each header, its right-most readable address (left-most
// when `use_leftmost`); the first header that has one wins. Without one the remote address.
std::string RealIp(const HttpRequest& request, std::span<const std::string> trusted_headers, bool use_leftmost);

// True when `ip` equals an entry of `list` or lies in one of its CIDR ranges. IPv4-mapped IPv6 is not equal to IPv4.
// Entries that cannot be read match nothing.
bool IpListContains(std::span<const std::string> list, std::string_view ip);

// An address or a CIDR range, as lists may hold them.
bool IsIpOrRange(std::string_view text);

}  // namespace wombat
