// A request that outlives its connection's buffers: for hooks that see it later, and for what another worker passed on.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/app/http.h"
#include "common/records/request_info.h"

namespace wombat {

struct KeptRequest {
  KeptRequest() = default;
  explicit KeptRequest(const HttpRequest& request)
      : method(request.method),
        target(request.target),
        body(request.body),
        remote_ip(request.remote_ip),
        has_body(request.has_body) {
    for (const auto& header : request.headers) headers.emplace_back(header.name, header.value);
    View();
  }
  KeptRequest(const KeptRequest&) = delete;
  KeptRequest& operator=(const KeptRequest&) = delete;

  // Once all texts stand: makes `http` of them.
  void View() {
    http.method = method;
    http.target = target;
    http.path = std::string_view(target).substr(0, target.find('?'));
    http.query =
        http.path.size() < target.size() ? std::string_view(target).substr(http.path.size() + 1) : std::string_view();
    http.headers.clear();
    for (const auto& [name, value] : headers) http.headers.push_back({name, value});
    http.body = body;
    http.has_body = has_body;
    http.remote_ip = remote_ip;
  }

  std::string method, target, body, remote_ip;
  std::vector<std::pair<std::string, std::string>> headers;
  bool has_body = false;
  HttpRequest http;
  RequestInfo info;
  HttpResponse response;
};

}  // namespace wombat
