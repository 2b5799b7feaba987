#include "supervisor/banner.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace wombat {

std::string BannerText(std::string_view base_url, std::string_view local_time, bool colours) {
  const std::string url(base_url);
  const std::string shown = colours ? "\x1b[36m" + url + "\x1b[0m" : url;
  const std::string api = colours ? "\x1b[36m" + url + "/api/\x1b[0m" : url + "/api/";
  return std::string(local_time) + " Server started at " + shown + "\n└─ REST API:  " + api + "\n";
}

void PrintBanner(std::string_view base_url) {
  char time_text[32] = {};
  const time_t now = ::time(nullptr);
  tm local{};
  ::localtime_r(&now, &local);
  ::strftime(time_text, sizeof time_text, "%Y/%m/%d %H:%M:%S", &local);
  const bool colours = ::isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR");
  const std::string text = BannerText(base_url, time_text, colours);
  ::fwrite(text.data(), 1, text.size(), stdout);
  ::fflush(stdout);
}

}  // namespace wombat
