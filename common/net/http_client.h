// One outgoing HTTP request and its answer, whole in memory.
//
// Blocks its thread until the answer is there or the time is over: never on a loop. Safe on any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace wombat {

struct OutgoingRequest {
  std::string method = "GET";
  std::string url;                              // http or https
  std::vector<std::string> headers;             // "Name: value"
  std::string body;
  std::chrono::milliseconds timeout{30'000};    // for everything, redirects included
  std::size_t max_body = std::size_t{1} << 20;  // bytes of the answer; a longer one is an error
  int max_redirects = 10;
  // Refuses to connect to anything but public addresses, checked on the address that is connected to, so that a name that
  // resolves differently the second time gains nothing. Proxies are not used then.
  bool public_addresses_only = false;
  std::string TEST_public_address;              // an address that counts as public all the same
};

struct IncomingResponse {
  int status = 0;
  std::string content_type;                     // as sent, "" without one
  std::string url;                              // the last one after redirects
  std::string body;
};

// Errors: kInvalidInput for an address or a header that cannot be sent; kGeneric for no connection, no valid certificate, a
// time limit, a body over its limit. They hold nothing of headers, query or bodies.
Result<IncomingResponse> SendHttp(const OutgoingRequest& request);

// Whether an address (as text, without brackets or port) is one of the public internet: not loopback, unspecified, private,
// link-local, multicast, or such an IPv4 address inside an IPv6 one.                                          spec 04 §6.10
bool IsPublicAddress(std::string_view address);

}  // namespace wombat
