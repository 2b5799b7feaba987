// The HTTP listening sockets: one SO_REUSEPORT socket a worker on one address.
//
// All of them listen before the first fork and stay open in the supervisor, so the kernel keeps spreading connections
// over all, and those that arrive while a worker is being started again wait in its socket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace wombat {

struct HttpListeners {
  std::vector<UniqueFd> sockets;           // one a worker
  std::string address;                     // as configured, except that port 0 is replaced by the chosen port
};

// `address` is host:port; an empty host means all interfaces, the port may be "http" or "https".
// Error: in the reference's words ("listen tcp …: bind: address already in use").
Result<HttpListeners> ListenForHttp(const std::string& address, int workers);

// The URL that the banner shows (spec 05 §8.3).
std::string BaseUrl(std::string_view address);

}  // namespace wombat
