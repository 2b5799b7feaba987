#include "common/mail/layout.h"

namespace wombat {
namespace {

constexpr std::string_view kHead =
    R"(<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <style>
    body { margin: 0; padding: 24px; background: #ffffff; color: #1f2328; }
    body { font: 15px/22px system-ui, Helvetica, Arial, sans-serif; }
    p { margin: 0 0 12px; }
    a { color: inherit; }
    hr { margin: 16px 0; border: 0; border-top: 1px solid #d8dde3; }
    .btn { display: inline-block; padding: 10px 24px; border-radius: 5px; font-weight: bold; }
    .btn { background: #1f2328 !important; color: #ffffff !important; text-decoration: none !important; }
    .hidden { display: none !important; }
  </style>
</head>
<body>
)";
constexpr std::string_view kFoot = "\n</body>\n</html>\n";

}  // namespace

std::string InLayout(std::string_view body) {
  std::string html;
  html.reserve(kHead.size() + body.size() + kFoot.size());
  return html.append(kHead).append(body).append(kFoot);
}

}  // namespace wombat
