// The little HTTP that this client speaks: blocking, one request at a time.
#pragma once

#include <string>
#include <string_view>

#include "common/base/unique_fd.h"

namespace wombat::load {

// To 127.0.0.1; empty when nobody listens.
UniqueFd ConnectTo(std::uint16_t port);
bool SendAll(int fd, std::string_view bytes);
std::string PostRequest(std::string_view path, std::string_view json);
// The status of the answer, 0 when the connection broke.
int Ask(int fd, std::string_view request);

}  // namespace wombat::load
