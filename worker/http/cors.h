// Cross-origin answers.                                                                    Behaviour: spec 01 §1.8.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/http.h"

namespace wombat {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins);

  // The answer to every OPTIONS request; nullopt for other methods, which go on to the next step.
  std::optional<HttpResponse> Preflight(const HttpRequest& request) const;

  // Adds what an answer to `request` carries.
  void Apply(const HttpRequest& request, HttpResponse& response) const;

 private:
  // The value of Access-Control-Allow-Origin; "" when `origin` is not allowed.
  std::string_view Allowed(std::string_view origin) const;

  std::vector<std::string> origins_;
};

}  // namespace wombat
